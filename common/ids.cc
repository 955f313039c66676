#include "common/ids.h"

#include <openssl/rand.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace probesweep {
namespace {

class SystemRandom : public RandomSource {
 public:
  uint64_t Next64() override {
    uint64_t value = 0;
    if (RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof value) != 1) std::abort();
    return value;
  }
};

}  // namespace

RandomSource* RandomSource::System() {
  static RandomSource* const source = new SystemRandom;
  return source;
}

std::string RandomId(absl::string_view prefix, int digits, RandomSource& random) {
  std::string hex = absl::StrFormat("%016x%016x", random.Next64(), random.Next64());
  return absl::StrCat(prefix, "-", hex.substr(0, digits));
}

}  // namespace probesweep
