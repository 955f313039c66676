#include "server/auth/authenticator.h"

#include <openssl/crypto.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/digest.h"
#include "common/file_stamp.h"
#include "common/logging.h"
#include "common/printable.h"
#include "common/secret_file.h"
#include "common/status.h"
#include "server/auth/access_table.h"

namespace probesweep::server {
namespace {

// '*' in the pattern stands for any text.
bool Matches(absl::string_view pattern, absl::string_view name) {
  const size_t star = pattern.find('*');
  if (star == absl::string_view::npos) return pattern == name;
  const absl::string_view head = pattern.substr(0, star);
  const absl::string_view tail = pattern.substr(star + 1);
  return name.size() >= head.size() + tail.size() && absl::StartsWith(name, head) &&
         absl::EndsWith(name, tail);
}

absl::StatusOr<Identity> ByToken(const std::vector<Login>& logins, absl::string_view authorization) {
  if (!absl::ConsumePrefix(&authorization, "Bearer ")) {
    return absl::UnauthenticatedError(
        "the authorization header is no bearer token; set PROBESWEEP_TOKEN or --token-file");
  }
  std::optional<Identity> found;
  if (CheckToken(authorization, "").ok()) {
    const std::string digest = Sha256Hex(authorization);
    // Every line is compared in full: how long it takes tells nothing about any of them.
    for (const Login& login : logins) {
      const bool same = login.credential.kind == Credential::Kind::kToken &&
                        CRYPTO_memcmp(digest.data(), login.credential.value.data(), digest.size()) == 0;
      if (!same) continue;
      if (!found.has_value()) found = Identity{login.name, RoleSet(), "token"};
      found->roles.Add(login.roles);
    }
  }
  if (found.has_value()) return *found;
  return absl::UnauthenticatedError(
      "the coordinator does not know this token; it may have been replaced: ask whoever runs the coordinator "
      "for a new one, and set PROBESWEEP_TOKEN or --token-file");
}

absl::StatusOr<Identity> ByCertificate(const std::vector<Login>& logins,
                                       const std::vector<Credential>& names) {
  std::optional<Identity> found;
  std::vector<std::string> shown;
  for (const Credential& name : names) {
    const std::string text = absl::StrCat(KindName(name.kind), ":", Printable(name.value, 200));
    shown.push_back(text);
    for (const Login& login : logins) {
      if (login.credential.kind != name.kind || !Matches(login.credential.value, name.value)) continue;
      if (!found.has_value()) found = Identity{login.name, RoleSet(), text};
      found->roles.Add(login.roles);
    }
  }
  if (found.has_value()) return *found;
  return absl::UnauthenticatedError(
      absl::StrCat("no line of the coordinator's --tokens file names this certificate (",
                   absl::StrJoin(shown, ", "), "); add one there, or send a token"));
}

}  // namespace

std::unique_ptr<Authenticator> Authenticator::Open() {
  return std::unique_ptr<Authenticator>(new Authenticator(""));
}

absl::StatusOr<std::unique_ptr<Authenticator>> Authenticator::FromFile(const std::string& path) {
  std::unique_ptr<Authenticator> authenticator(new Authenticator(path));
  const std::string stamp = FileStamp(path);
  PS_ASSIGN_OR_RETURN(std::vector<Login> logins, ReadLoginFile(path));
  absl::MutexLock lock(&authenticator->mutex_);
  authenticator->stamp_ = stamp;
  authenticator->logins_ = std::make_shared<const std::vector<Login>>(std::move(logins));
  return authenticator;
}

Authenticator::Logins Authenticator::logins() const {
  absl::MutexLock lock(&mutex_);
  return logins_;
}

void Authenticator::Reload() {
  if (!asks_for_login()) return;
  const std::string stamp = FileStamp(path_);
  {
    absl::MutexLock lock(&mutex_);
    if (stamp == stamp_) return;
    stamp_ = stamp;
  }
  absl::StatusOr<std::vector<Login>> logins = ReadLoginFile(path_);
  if (!logins.ok()) {
    spdlog::error("the former logins stay in force: {}", logins.status().message());
    return;
  }
  spdlog::info("read {} logins from {}", logins->size(), path_);
  absl::MutexLock lock(&mutex_);
  logins_ = std::make_shared<const std::vector<Login>>(*std::move(logins));
}

absl::StatusOr<Identity> Authenticator::Identify(const Presented& presented) const {
  if (!asks_for_login()) {
    if (presented.certificate.empty()) return Identity{"anonymous", RoleSet::All(), "none"};
    const Credential& first = presented.certificate.front();
    return Identity{Printable(first.value, 200), RoleSet::All(),
                    absl::StrCat(KindName(first.kind), ":", Printable(first.value, 200))};
  }
  const Logins logins = this->logins();
  if (presented.authorization.has_value()) return ByToken(*logins, *presented.authorization);
  if (!presented.certificate.empty()) return ByCertificate(*logins, presented.certificate);
  return absl::UnauthenticatedError(
      "this coordinator asks for a login; set PROBESWEEP_TOKEN or --token-file (or --tls-cert and --tls-key, "
      "where it takes certificates)");
}

absl::StatusOr<Identity> Authenticator::Authorize(const Presented& presented,
                                                  absl::string_view method) const {
  const AccessRule* rule = FindRule(method);
  if (rule != nullptr && rule->open) return Identify(presented).value_or(Identity{"anonymous", {}, "none"});
  PS_ASSIGN_OR_RETURN(Identity identity, Identify(presented));
  if (rule == nullptr) {
    return absl::UnimplementedError(absl::StrCat("this coordinator has no method ", Printable(method, 200)));
  }
  if (rule->roles.Meets(identity.roles)) return identity;
  return absl::PermissionDeniedError(absl::StrCat(
      "'", identity.name, "' has the role ", identity.roles.ToString(), "; ", method, " needs one of: ",
      rule->roles.ToString(), ". Use such a login, or have the role added to the line of '", identity.name,
      "' in the coordinator's --tokens file"));
}

}  // namespace probesweep::server
