#include "server/auth/role.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/edit_distance.h"
#include "common/printable.h"
#include "common/status.h"

namespace probesweep::server {
namespace {

absl::StatusOr<Role> ParseRole(absl::string_view name) {
  std::vector<std::string> known;
  for (const Role role : kRoles) {
    if (name == RoleName(role)) return role;
    known.emplace_back(RoleName(role));
  }
  const std::string nearest = NearestName(std::string(name), known);
  return absl::InvalidArgumentError(
      absl::StrCat("'", Printable(name, 40), "' is no role",
                   nearest.empty() ? "" : absl::StrCat("; did you mean '", nearest, "'?"),
                   nearest.empty() ? "; roles: " : " Roles: ", absl::StrJoin(known, ", ")));
}

}  // namespace

const char* RoleName(Role role) {
  switch (role) {
    case Role::kRead:
      return "read";
    case Role::kSubmit:
      return "submit";
    case Role::kWorker:
      return "worker";
    case Role::kAdmin:
      return "admin";
  }
  return "unknown";
}

std::vector<std::string> RoleSet::Names() const {
  std::vector<std::string> names;
  for (const Role role : kRoles) {
    if (Has(role)) names.emplace_back(RoleName(role));
  }
  return names;
}

std::string RoleSet::ToString() const { return empty() ? "none" : absl::StrJoin(Names(), ", "); }

absl::StatusOr<RoleSet> ParseRoles(absl::string_view list) {
  RoleSet roles;
  for (const absl::string_view name : absl::StrSplit(list, ',')) {
    PS_ASSIGN_OR_RETURN(const Role role, ParseRole(name));
    roles.Add(role);
  }
  return roles;
}

}  // namespace probesweep::server
