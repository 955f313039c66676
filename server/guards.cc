#include "server/guards.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "common/file_stamp.h"
#include "common/logging.h"
#include "common/status.h"
#include "server/rpc/self_check.h"

namespace probesweep::server {
namespace {

constexpr absl::Duration kLookInterval = absl::Seconds(2);
constexpr absl::Duration kExpiryNotice = absl::Hours(14 * 24);
constexpr absl::Duration kExpiryReminder = absl::Hours(24);

std::string CertificateStamp(const TlsFiles& tls) {
  return absl::StrCat(FileStamp(tls.cert), " ", FileStamp(tls.key), " ", FileStamp(tls.ca));
}

// At once: what is stored is stored, and nothing that a deaf process still does reaches anyone.
void EndDeafProcess(const absl::Status& status) {
  spdlog::critical("ending, so that a supervisor starts this process again: {}", status.message());
  spdlog::shutdown();
  std::_Exit(kExitUnavailable);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Guards>> Guards::Open(const GuardOptions& options, Clock* clock) {
  std::unique_ptr<Guards> guards(new Guards(options, clock));
  PS_RETURN_IF_ERROR(guards->CheckTls());
  guards->certificate_stamp_ = CertificateStamp(options.tls);
  guards->authenticator_ = Authenticator::Open();
  if (!options.tokens_file.empty()) {
    PS_ASSIGN_OR_RETURN(guards->authenticator_, Authenticator::FromFile(options.tokens_file));
  }
  PS_ASSIGN_OR_RETURN(guards->audit_, AuditLog::Open(options.audit_log, clock));
  return guards;
}

absl::Status Guards::CheckTls() const {
  const TlsFiles& tls = options_.tls;
  const bool has_identity = !tls.cert.empty() || !tls.key.empty();
  if (has_identity) PS_RETURN_IF_ERROR(CheckIdentityFiles(tls, clock_->Now()));
  if (tls.ca.empty()) return absl::OkStatus();
  if (!has_identity) {
    return absl::InvalidArgumentError(
        "--tls-client-ca needs --tls-cert and --tls-key: clients' certificates are part of TLS");
  }
  return CheckAuthorityFile(tls, "--tls-client-ca");
}

void Guards::Watch(const std::string& host, int port) {
  reloads_ = std::make_unique<RepeatingTask>(kLookInterval, [this] { LookAtFiles(); });
  auto check = std::make_shared<SelfCheck>(
      [host, port] { return CheckThatItHears(host, port, SelfCheck::kPatience); }, EndDeafProcess);
  self_checks_ = std::make_unique<RepeatingTask>(SelfCheck::kInterval, [check] { check->Run(); });
}

void Guards::StopWatching() {
  self_checks_.reset();
  reloads_.reset();
}

void Guards::LookAtFiles() {
  authenticator_->Reload();
  audit_->ReopenIfMoved();
  if (!options_.tls.cert.empty()) LookAtCertificate();
}

// gRPC reads the files by itself, and tells nobody how it went.
void Guards::LookAtCertificate() {
  const std::string stamp = CertificateStamp(options_.tls);
  const absl::StatusOr<absl::Time> end = CertificateEnd(options_.tls.cert);
  if (stamp != certificate_stamp_) {
    certificate_stamp_ = stamp;
    expiry_told_ = absl::InfinitePast();
    const absl::Status usable = CheckTls();
    if (usable.ok() && end.ok()) {
      spdlog::info("new connections get the new certificate, valid until {}", absl::FormatTime(*end));
    } else {
      spdlog::error("new connections fail until the files of TLS are mended: {}", usable.message());
    }
  }
  if (!end.ok() || *end - clock_->Now() > kExpiryNotice) return;
  if (clock_->Now() - expiry_told_ < kExpiryReminder) return;
  expiry_told_ = clock_->Now();
  spdlog::warn("the certificate {} is valid until {}; replace it by then, no restart is needed",
               options_.tls.cert, absl::FormatTime(*end));
}

}  // namespace probesweep::server
