#ifndef PROBESWEEP_SERVER_GUARDS_H_
#define PROBESWEEP_SERVER_GUARDS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "common/repeating_task.h"
#include "common/tls_files.h"
#include "server/auth/audit_log.h"
#include "server/auth/authenticator.h"

namespace probesweep::server {

struct GuardOptions {
  // Certificate and key (empty: plain text), and the CA of clients' certificates (empty: they need none).
  TlsFiles tls;
  std::string tokens_file;  // who may do what; empty: whoever gets through TLS may do everything
  std::string audit_log;    // a file; empty: the log
};

// Who may call, who did, and whether anyone is heard: what guards the gRPC server beside itself. Reads its
// files again when they change. Thread-safe.
class Guards {
 public:
  // Looks at every file. Errors: INVALID_ARGUMENT (flags that do not fit together, a line of the tokens
  // file), NOT_FOUND, FAILED_PRECONDITION (a file that cannot be used), with how to mend it.
  static absl::StatusOr<std::unique_ptr<Guards>> Open(const GuardOptions& options, Clock* clock);

  const Authenticator* authenticator() const { return authenticator_.get(); }
  AuditLog* audit() const { return audit_.get(); }

  // Begins to look after the files, and whether the gRPC server at host:port hears: a process that does not
  // is ended with exit code 4, so that its supervisor starts it again.
  void Watch(const std::string& host, int port);
  // Before the server stops to listen. May be repeated.
  void StopWatching();

 private:
  Guards(const GuardOptions& options, Clock* clock) : options_(options), clock_(clock) {}

  absl::Status CheckTls() const;
  void LookAtFiles();
  void LookAtCertificate();

  const GuardOptions options_;
  Clock* const clock_;
  std::unique_ptr<Authenticator> authenticator_;
  std::unique_ptr<AuditLog> audit_;
  // On the thread of reloads_ only, once that runs.
  std::string certificate_stamp_;
  absl::Time expiry_told_ = absl::InfinitePast();
  std::unique_ptr<RepeatingTask> reloads_;
  std::unique_ptr<RepeatingTask> self_checks_;
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_GUARDS_H_
