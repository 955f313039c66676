// The file that says who may do what: --tokens.
#ifndef PROBESWEEP_SERVER_AUTH_LOGIN_FILE_H_
#define PROBESWEEP_SERVER_AUTH_LOGIN_FILE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/auth/role.h"

namespace probesweep::server {

// What a line of the file recognises a caller by.
struct Credential {
  enum class Kind {
    kToken,       // sha256:<hex>: SHA-256 of a token
    kCommonName,  // cn:<name>: of a certificate's subject
    kUri,         // uri:<name>: a URI among a certificate's subject alternative names
    kDns,         // dns:<name>: a DNS name among them
  };
  Kind kind = Kind::kToken;
  std::string value;  // of a certificate's name: at most one '*', which stands for any text
};

struct Login {
  std::string name;  // for the audit log
  RoleSet roles;
  Credential credential;
};

// "cn", "uri", "dns", "sha256".
const char* KindName(Credential::Kind kind);

// Reads lines of "NAME ROLE[,ROLE…] CREDENTIAL"; blank lines and those that begin with '#' are skipped. A
// name may have several lines: an old and a new token. `path` is for messages. Errors: INVALID_ARGUMENT
// naming the line; never quotes a digest.
absl::StatusOr<std::vector<Login>> ParseLogins(absl::string_view text, const std::string& path);

// Errors: as of ParseLogins; NOT_FOUND, PERMISSION_DENIED; FAILED_PRECONDITION when others can change it.
absl::StatusOr<std::vector<Login>> ReadLoginFile(const std::string& path);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_AUTH_LOGIN_FILE_H_
