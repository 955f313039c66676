#include "server/auth/audit_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/file.h"
#include "common/logging.h"
#include "common/printable.h"
#include "common/status.h"

namespace probesweep::server {
namespace {

// Ids come from callers.
constexpr size_t kMaxIdLength = 200;
constexpr size_t kMaxMessageLength = 500;

std::string Time(absl::Time now) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", now, absl::UTCTimeZone());
}

// What is no UTF-8 is replaced, not refused: the line must be written.
std::string Dump(const nlohmann::ordered_json& line) {
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string ToLine(const char* event, const AuditEntry& entry, absl::Time now) {
  nlohmann::ordered_json line = {{"time", Time(now)}, {"event", event}, {"name", entry.identity.name}};
  line["roles"] = entry.identity.roles.Names();
  line["credential"] = entry.identity.credential;
  if (!entry.peer.empty()) line["peer"] = entry.peer;
  line["rpc"] = Printable(absl::StripPrefix(entry.method, "/"), kMaxIdLength);
  if (!entry.sweep_id.empty()) line["sweep"] = Printable(entry.sweep_id, kMaxIdLength);
  if (!entry.worker_id.empty()) line["worker"] = Printable(entry.worker_id, kMaxIdLength);
  if (!entry.digest.empty()) line["blob"] = Printable(entry.digest, kMaxIdLength);
  line["code"] = absl::StatusCodeToString(entry.result.code());
  if (!entry.result.ok()) line["message"] = Printable(entry.result.message(), kMaxMessageLength);
  return Dump(line);
}

}  // namespace

absl::StatusOr<std::unique_ptr<AuditLog>> AuditLog::Open(const std::string& path, Clock* clock) {
  std::unique_ptr<AuditLog> log(new AuditLog(path, clock));
  if (path.empty()) return log;
  PS_ASSIGN_OR_RETURN(const int file, log->OpenFile());
  absl::MutexLock lock(&log->mutex_);
  log->file_ = file;
  return log;
}

AuditLog::~AuditLog() {
  absl::MutexLock lock(&mutex_);
  if (file_ >= 0) ::close(file_);
}

absl::StatusOr<int> AuditLog::OpenFile() const {
  const int file = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return Annotate(ErrnoStatus(errno, "open", path_), "--audit-log");
  return file;
}

void AuditLog::Write(const AuditEntry& entry) { Append(ToLine("call", entry, clock_->Now())); }

void AuditLog::WriteRefusal(const AuditEntry& entry) {
  int left_out = 0;
  bool write = true;
  {
    absl::MutexLock lock(&mutex_);
    if (clock_->Steady() - window_start_ >= kWindow) {
      left_out = refusals_ - kRefusalsPerWindow;
      window_start_ = clock_->Steady();
      refusals_ = 0;
    }
    write = ++refusals_ <= kRefusalsPerWindow;
  }
  if (left_out > 0) {
    Append(Dump({{"time", Time(clock_->Now())}, {"event", "refusals left out"}, {"count", left_out}}));
  }
  if (write) Append(ToLine("refused", entry, clock_->Now()));
}

void AuditLog::Append(const std::string& line) {
  if (path_.empty()) return spdlog::info("audit {}", line);
  const std::string bytes = line + "\n";
  absl::MutexLock lock(&mutex_);
  const bool written = ::write(file_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
  if (!written && !failed_) spdlog::error("--audit-log {} takes no lines: {}", path_, std::strerror(errno));
  failed_ = !written;
}

void AuditLog::ReopenIfMoved() {
  if (path_.empty()) return;
  struct stat open_file {};
  struct stat named {};
  {
    absl::MutexLock lock(&mutex_);
    ::fstat(file_, &open_file);
  }
  const bool same = ::stat(path_.c_str(), &named) == 0 && named.st_ino == open_file.st_ino &&
                    named.st_dev == open_file.st_dev;
  if (same) return;
  const absl::StatusOr<int> file = OpenFile();
  if (!file.ok()) return spdlog::error("the former audit log stays in use: {}", file.status().message());
  absl::MutexLock lock(&mutex_);
  ::close(file_);
  file_ = *file;
}

}  // namespace probesweep::server
