#ifndef PROBESWEEP_SERVER_AUTH_AUDIT_LOG_H_
#define PROBESWEEP_SERVER_AUTH_AUDIT_LOG_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "server/auth/authenticator.h"

namespace probesweep::server {

// One call, for the log.
struct AuditEntry {
  Identity identity;
  std::string peer;    // "ipv4:10.0.0.7:41234"; of a refused call empty: it is not known there
  std::string method;  // "/probesweep.v1.SweepService/CancelSweep"
  std::string sweep_id, worker_id, digest;  // empty: the call names none
  absl::Status result;
};

// Who did what, a JSON object a line: time, event, name, roles, credential, peer, rpc, sweep, worker, blob,
// code, message. Thread-safe. A line is in the file, if not yet on the disk, when Write returns.
class AuditLog {
 public:
  // Of refused calls: so many lines in ten seconds; how many more there were is told then. Whoever tries
  // tokens must not fill the disk.
  static constexpr int kRefusalsPerWindow = 100;
  static constexpr absl::Duration kWindow = absl::Seconds(10);

  // Appends to the file at `path`, made with mode 0600; it may be renamed at any time, as logrotate does.
  // Empty: lines go to the process's log. Errors: those of opening the file.
  static absl::StatusOr<std::unique_ptr<AuditLog>> Open(const std::string& path, Clock* clock);
  ~AuditLog();

  void Write(const AuditEntry& entry);
  // A call that was not let through.
  void WriteRefusal(const AuditEntry& entry);

  // Opens the file anew when the one at `path` is another by now.
  void ReopenIfMoved();

 private:
  AuditLog(std::string path, Clock* clock) : path_(std::move(path)), clock_(clock) {}

  absl::StatusOr<int> OpenFile() const;
  void Append(const std::string& line) ABSL_LOCKS_EXCLUDED(mutex_);

  const std::string path_;
  Clock* const clock_;
  absl::Mutex mutex_;
  int file_ ABSL_GUARDED_BY(mutex_) = -1;
  bool failed_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration window_start_ ABSL_GUARDED_BY(mutex_) = -absl::InfiniteDuration();
  int refusals_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_AUTH_AUDIT_LOG_H_
