// Random identifiers from injected randomness.
#ifndef PROBESWEEP_COMMON_IDS_H_
#define PROBESWEEP_COMMON_IDS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace probesweep {

// A source of random bits. Implementations are thread-safe unless they say otherwise.
class RandomSource {
 public:
  virtual ~RandomSource() = default;
  virtual uint64_t Next64() = 0;
  // Uniform in [0, 1).
  double NextUnit() { return static_cast<double>(Next64() >> 11) * 0x1.0p-53; }

  // The operating system's generator; lives as long as the process.
  static RandomSource* System();
};

// "<prefix>-<n lower-case hex digits>"; digits in [1, 32].
std::string RandomId(absl::string_view prefix, int digits, RandomSource& random);

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_IDS_H_
