// SHA-256 digests, written as 64 lower-case hex digits everywhere.
#ifndef PROBESWEEP_COMMON_DIGEST_H_
#define PROBESWEEP_COMMON_DIGEST_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace probesweep {

// Incremental SHA-256. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  Sha256& Update(absl::string_view bytes);
  // Adds the length before the bytes, so that ("ab","c") and ("a","bc") differ.
  Sha256& UpdateField(absl::string_view bytes);
  // Ends the digest; the object may only be destroyed afterwards.
  std::string Hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string Sha256Hex(absl::string_view bytes);
absl::StatusOr<std::string> Sha256HexOfFile(const std::string& path);

// True for exactly 64 lower-case hex digits: safe to use as a file name.
bool IsDigest(absl::string_view text);

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_DIGEST_H_
