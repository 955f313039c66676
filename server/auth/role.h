// Roles, and sets of them.
#ifndef PROBESWEEP_SERVER_AUTH_ROLE_H_
#define PROBESWEEP_SERVER_AUTH_ROLE_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace probesweep::server {

enum class Role {
  kRead,    // looks at sweeps, results, workers
  kSubmit,  // what read may, and submits, cancels and retries sweeps
  kWorker,  // takes tasks and brings results
  kAdmin,   // everything
};

inline constexpr Role kRoles[] = {Role::kRead, Role::kSubmit, Role::kWorker, Role::kAdmin};

const char* RoleName(Role role);

// A value.
class RoleSet {
 public:
  constexpr RoleSet() = default;
  constexpr RoleSet(std::initializer_list<Role> roles) {
    for (const Role role : roles) Add(role);
  }
  static constexpr RoleSet All() { return RoleSet{Role::kRead, Role::kSubmit, Role::kWorker, Role::kAdmin}; }

  constexpr void Add(Role role) { bits_ |= uint8_t{1} << static_cast<int>(role); }
  constexpr void Add(RoleSet other) { bits_ |= other.bits_; }
  constexpr bool Has(Role role) const { return (bits_ >> static_cast<int>(role) & 1) != 0; }
  constexpr bool Meets(RoleSet other) const { return (bits_ & other.bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  friend constexpr bool operator==(RoleSet a, RoleSet b) { return a.bits_ == b.bits_; }

  std::vector<std::string> Names() const;
  // "read, submit"; "none" when empty.
  std::string ToString() const;

 private:
  uint8_t bits_ = 0;
};

// Reads "read,submit". Errors: INVALID_ARGUMENT naming what is no role, with the nearest.
absl::StatusOr<RoleSet> ParseRoles(absl::string_view list);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_AUTH_ROLE_H_
