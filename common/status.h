// Status helpers: early-return macros (absl 20220623 has none) and the one mapping from status to exit code.
#ifndef PROBESWEEP_COMMON_STATUS_H_
#define PROBESWEEP_COMMON_STATUS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace probesweep {

// Prepends what was being done and to which id: "loading step512: <message>". OK stays OK.
absl::Status Annotate(const absl::Status& status, absl::string_view doing);

// What a command line program exits with.
enum ExitCode : int {
  kExitDone = 0,
  kExitFailedWork = 1,
  kExitUsage = 2,
  kExitRefusedInput = 3,
  kExitUnavailable = 4,
};

// OK -> done; bad or missing input (INVALID_ARGUMENT, NOT_FOUND, DATA_LOSS, UNIMPLEMENTED, OUT_OF_RANGE,
// FAILED_PRECONDITION, ALREADY_EXISTS, PERMISSION_DENIED) -> refused input; UNAVAILABLE, DEADLINE_EXCEEDED ->
// unavailable; anything else -> failed work.
ExitCode ExitCodeFor(const absl::Status& status);

}  // namespace probesweep

#define PS_CONCAT_INNER(a, b) a##b
#define PS_CONCAT(a, b) PS_CONCAT_INNER(a, b)

#define PS_RETURN_IF_ERROR(expr)                                            \
  do {                                                                      \
    if (absl::Status ps_status = (expr); !ps_status.ok()) return ps_status; \
  } while (false)

// PS_ASSIGN_OR_RETURN(auto value, Compute());
#define PS_ASSIGN_OR_RETURN(lhs, expr) PS_ASSIGN_OR_RETURN_IMPL(PS_CONCAT(ps_result_, __LINE__), lhs, expr)
#define PS_ASSIGN_OR_RETURN_IMPL(result, lhs, expr)    \
  auto result = (expr);                                \
  if (!result.ok()) return std::move(result).status(); \
  lhs = *std::move(result)

#endif  // PROBESWEEP_COMMON_STATUS_H_
