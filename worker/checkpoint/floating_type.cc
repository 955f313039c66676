#include "worker/checkpoint/floating_type.h"

namespace probesweep::worker {

std::optional<at::ScalarType> FloatingType(DType dtype) {
  switch (dtype) {
    case DType::kF64:
      return at::kDouble;
    case DType::kF32:
      return at::kFloat;
    case DType::kF16:
      return at::kHalf;
    case DType::kBF16:
      return at::kBFloat16;
    default:
      return std::nullopt;
  }
}

}  // namespace probesweep::worker
