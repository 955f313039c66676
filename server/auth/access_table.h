// Who may call what: the one table that the server enforces, docs/security.md shows and the tests go through.
#ifndef PROBESWEEP_SERVER_AUTH_ACCESS_TABLE_H_
#define PROBESWEEP_SERVER_AUTH_ACCESS_TABLE_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "server/auth/role.h"

namespace probesweep::server {

struct AccessRule {
  // As gRPC names it: "/probesweep.v1.SweepService/GetSweep".
  const char* method;
  // One of these is needed; unless `open`.
  RoleSet roles;
  // Also without any login.
  bool open = false;
  // Each call is in the audit log; of others only the refused ones are.
  bool audited = false;
};

// Every method that is served. Whatever is not here is refused.
const std::vector<AccessRule>& AccessTable();

// Null for a method that is not in the table.
const AccessRule* FindRule(absl::string_view method);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_AUTH_ACCESS_TABLE_H_
