#ifndef PROBESWEEP_SERVER_AUTH_AUTHENTICATOR_H_
#define PROBESWEEP_SERVER_AUTH_AUTHENTICATOR_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "server/auth/login_file.h"
#include "server/auth/role.h"

namespace probesweep::server {

// Who calls.
struct Identity {
  std::string name;  // "anonymous" where no login is asked for
  RoleSet roles;
  std::string credential;  // "token", "cn:node7", …; "none"
};

// What a caller shows.
struct Presented {
  std::optional<std::string> authorization;  // the header
  // Names of its certificate, which TLS has verified; never of kind kToken. Empty: it has none.
  std::vector<Credential> certificate;
};

// Decides who a caller is and what it may call. Thread-safe; the file is read again by Reload alone.
class Authenticator {
 public:
  // Asks for no login: everyone may do everything. What TLS lets through is not looked at further.
  static std::unique_ptr<Authenticator> Open();
  // Knows callers by the file. Errors: as of ReadLoginFile.
  static absl::StatusOr<std::unique_ptr<Authenticator>> FromFile(const std::string& path);

  // False for Open().
  bool asks_for_login() const { return !path_.empty(); }

  // Reads the file again when it changed. A file that cannot be used leaves the former one in force and is
  // logged once.
  void Reload();

  // Errors: UNAUTHENTICATED, saying what is missing; never quotes a token.
  absl::StatusOr<Identity> Identify(const Presented& presented) const;

  // Identify, and whether that caller may call `method` ("/package.Service/Method").
  // Errors: UNAUTHENTICATED; PERMISSION_DENIED naming the roles that may; UNIMPLEMENTED for a method that is
  // not in the access table.
  absl::StatusOr<Identity> Authorize(const Presented& presented, absl::string_view method) const;

 private:
  using Logins = std::shared_ptr<const std::vector<Login>>;
  explicit Authenticator(std::string path) : path_(std::move(path)) {}

  Logins logins() const;

  const std::string path_;  // empty: asks for no login
  mutable absl::Mutex mutex_;
  Logins logins_ ABSL_GUARDED_BY(mutex_);
  std::string stamp_ ABSL_GUARDED_BY(mutex_);  // of the file when it was last looked at
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_AUTH_AUTHENTICATOR_H_
