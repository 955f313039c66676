// Files that hold secrets, or decide who may do what: read only when nobody else can tamper with them.
#ifndef PROBESWEEP_COMMON_SECRET_FILE_H_
#define PROBESWEEP_COMMON_SECRET_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace probesweep {

// The fewest characters of a token: 32 hex digits are 128 random bits, which nobody guesses.
inline constexpr size_t kMinTokenLength = 32;
inline constexpr size_t kMaxTokenLength = 512;

// Whom a file must be closed to.
enum class FileGuard {
  kNotWritableByOthers,  // it says who may do what: its group and the world must not change it
  kNotReadableByOthers,  // it holds a secret: further, the world must not read it
};

// `flag` names where the path was written. Errors: NOT_FOUND, FAILED_PRECONDITION with the chmod that mends
// it.
absl::Status CheckFileGuard(const std::string& path, FileGuard guard, const std::string& flag);

// OK for kMinTokenLength to kMaxTokenLength printable ASCII characters without blanks. `where` it was given.
// Errors: INVALID_ARGUMENT, without a character of the token.
absl::Status CheckToken(absl::string_view token, const std::string& where);

// The token in the file, without the blanks around it. Errors: as of both above.
absl::StatusOr<std::string> ReadTokenFile(const std::string& path, const std::string& flag);

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_SECRET_FILE_H_
