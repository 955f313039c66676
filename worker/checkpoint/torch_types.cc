#include "worker/checkpoint/torch_types.h"

#include <algorithm>
#include <iterator>

#include "absl/types/span.h"

namespace probesweep::worker {
namespace {

struct NamedType {
  absl::string_view name;
  DType dtype;
};

constexpr NamedType kStorages[] = {
    {"DoubleStorage", DType::kF64},    {"FloatStorage", DType::kF32},        {"HalfStorage", DType::kF16},
    {"BFloat16Storage", DType::kBF16}, {"LongStorage", DType::kI64},         {"IntStorage", DType::kI32},
    {"ShortStorage", DType::kI16},     {"CharStorage", DType::kI8},          {"ByteStorage", DType::kU8},
    {"BoolStorage", DType::kBool},     {"ComplexFloatStorage", DType::kC64},
};

constexpr NamedType kTypes[] = {
    {"float64", DType::kF64},        {"double", DType::kF64},    {"float32", DType::kF32},
    {"float", DType::kF32},          {"float16", DType::kF16},   {"half", DType::kF16},
    {"bfloat16", DType::kBF16},      {"int64", DType::kI64},     {"long", DType::kI64},
    {"int32", DType::kI32},          {"int", DType::kI32},       {"int16", DType::kI16},
    {"short", DType::kI16},          {"int8", DType::kI8},       {"uint8", DType::kU8},
    {"bool", DType::kBool},          {"uint16", DType::kU16},    {"uint32", DType::kU32},
    {"uint64", DType::kU64},         {"complex64", DType::kC64}, {"float8_e4m3fn", DType::kF8E4M3},
    {"float8_e5m2", DType::kF8E5M2},
};

// Storages without a type, under the names of several releases.
constexpr absl::string_view kUntyped[] = {"UntypedStorage", "_UntypedStorage"};

struct QualifiedName {
  absl::string_view module, name;
};

constexpr QualifiedName kOthers[] = {
    {"collections", "OrderedDict"},
    {"torch", "Size"},
    {"torch", "Tensor"},
    {"torch._tensor", "_rebuild_from_type"},
    {"torch._tensor", "_rebuild_from_type_v2"},
    {"torch._utils", "_rebuild_parameter"},
    {"torch._utils", "_rebuild_parameter_with_state"},
    {"torch._utils", "_rebuild_tensor"},
    {"torch._utils", "_rebuild_tensor_v2"},
    {"torch._utils", "_rebuild_tensor_v3"},
    {"torch.nn.parameter", "Buffer"},
    {"torch.nn.parameter", "Parameter"},
    {"torch.storage", "TypedStorage"},
    {"torch.storage", "_TypedStorage"},
};

std::optional<DType> TypeOf(absl::Span<const NamedType> types, absl::string_view name) {
  const auto found =
      std::find_if(types.begin(), types.end(), [&](const NamedType& type) { return type.name == name; });
  if (found == types.end()) return std::nullopt;
  return found->dtype;
}

}  // namespace

std::optional<DType> StorageType(absl::string_view module, absl::string_view name) {
  if (module == "torch.storage" || module == "torch") {
    if (std::find(std::begin(kUntyped), std::end(kUntyped), name) != std::end(kUntyped)) return DType::kU8;
  }
  // The first releases named the device's module too.
  if (module != "torch" && module != "torch.cuda") return std::nullopt;
  return TypeOf(kStorages, name);
}

std::optional<DType> TorchDType(absl::string_view module, absl::string_view name) {
  if (module != "torch") return std::nullopt;
  return TypeOf(kTypes, name);
}

bool PickleAllows(absl::string_view module, absl::string_view name) {
  if (StorageType(module, name).has_value() || TorchDType(module, name).has_value()) return true;
  return std::any_of(std::begin(kOthers), std::end(kOthers), [&](const QualifiedName& other) {
    return other.module == module && other.name == name;
  });
}

}  // namespace probesweep::worker
