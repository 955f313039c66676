#include "worker/checkpoint/tensor_file.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace probesweep::worker {

std::optional<uint64_t> ElementCount(absl::Span<const int64_t> shape) {
  uint64_t count = 1;
  for (const int64_t extent : shape) {
    if (extent < 0 || __builtin_mul_overflow(count, static_cast<uint64_t>(extent), &count))
      return std::nullopt;
  }
  return count;
}

std::string ShapeText(absl::Span<const int64_t> shape) {
  return absl::StrCat("[", absl::StrJoin(shape, ", "), "]");
}

}  // namespace probesweep::worker
