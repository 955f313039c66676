#include "worker/checkpoint/torch_state_dict.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "worker/checkpoint/tensor_file.h"
#include "worker/checkpoint/torch_types.h"

namespace probesweep::worker {
namespace {

// A tensor of a subclass, in a parameter, of a subclass: torch itself nests no deeper.
constexpr int kMaxWrappers = 8;
constexpr size_t kMaxDimensions = 64;

bool IsContainer(PickleValue value) {
  return value.is(PickleKind::kDict) || value.is(PickleKind::kList) || value.is(PickleKind::kTuple) ||
         value.is(PickleKind::kSet);
}

class StateDictReader {
 public:
  StateDictReader(const Pickle& pickle, absl::string_view file) : pickle_(pickle), file_(file) {}

  absl::StatusOr<TorchStateDict> Read() {
    if (!pickle_.root().is(PickleKind::kDict)) return NotAStateDict("it is no dict");
    for (const auto& [key, value] : pickle_.Items(pickle_.root())) PS_RETURN_IF_ERROR(ReadItem(key, value));
    if (result_.tensors.empty()) return NotAStateDict("it holds no tensor");
    return std::move(result_);
  }

 private:
  absl::Status NotAStateDict(absl::string_view why) const {
    return absl::UnimplementedError(absl::StrCat(file_, " holds something else than a dict of tensors: ", why,
                                                 ". A training state is not read; save the model's state "
                                                 "dict by itself, or the model as safetensors"));
  }
  absl::Status Damaged(absl::string_view reason) const {
    return absl::DataLossError(absl::StrCat(file_, ": tensor ", QuotedTensorName(tensor_), " ", reason));
  }

  absl::Status ReadItem(PickleValue key, PickleValue value) {
    if (!key.is(PickleKind::kString)) return NotAStateDict("a key of it is not a text");
    tensor_ = pickle_.Text(key);
    if (IsContainer(value)) {
      return NotAStateDict(absl::StrCat(QuotedTensorName(tensor_), " is a dict, a list or the like"));
    }
    // Numbers, texts and the like are no weights.
    if (!value.is(PickleKind::kCall)) return absl::OkStatus();
    if (result_.tensors.size() >= kMaxTensors) {
      return absl::DataLossError(absl::StrCat(file_, " holds more than ", kMaxTensors, " tensors"));
    }
    PS_ASSIGN_OR_RETURN(TorchTensor tensor, ReadTensor(value));
    PS_RETURN_IF_ERROR(CheckFits(tensor));
    if (!result_.tensors.try_emplace(std::string(tensor_), std::move(tensor)).second) {
      return Damaged("is there twice");
    }
    return absl::OkStatus();
  }

  // Takes parameters and subclasses off, to the call that makes a tensor of a storage.
  absl::StatusOr<TorchTensor> ReadTensor(PickleValue value) {
    const Pickle::Pair* call = &pickle_.Call(value);
    PickleValue function = call->first, arguments = call->second;
    for (int wrapper = 0; wrapper < kMaxWrappers; ++wrapper) {
      const absl::string_view name = pickle_.GlobalOf(function).name;
      const absl::Span<const PickleValue> parts = pickle_.Elements(arguments);
      if (name == "_rebuild_parameter" || name == "_rebuild_parameter_with_state") {
        if (parts.empty() || !parts[0].is(PickleKind::kCall))
          return Damaged("is a parameter without a tensor");
        std::tie(function, arguments) = pickle_.Call(parts[0]);
      } else if (name == "_rebuild_from_type" || name == "_rebuild_from_type_v2") {
        const bool usable =
            parts.size() == 4 && parts[0].is(PickleKind::kGlobal) && parts[2].is(PickleKind::kTuple);
        if (!usable) return Damaged("is made in a way that is not read");
        std::tie(function, arguments) = std::make_pair(parts[0], parts[2]);
      } else if (name == "_rebuild_tensor" || name == "_rebuild_tensor_v2") {
        return View(parts, std::nullopt);
      } else if (name == "_rebuild_tensor_v3") {
        if (parts.size() < 7 || !parts[6].is(PickleKind::kGlobal)) return Damaged("has no type");
        const Pickle::Global& type = pickle_.GlobalOf(parts[6]);
        const std::optional<DType> dtype = TorchDType(type.module, type.name);
        if (!dtype.has_value()) return Damaged("has no type");
        return View(parts, dtype);
      } else {
        return Damaged(absl::StrCat("is made by ", QuotedTensorName(name), ", which makes no tensor"));
      }
    }
    return Damaged("is wrapped too often");
  }

  // `parts`: storage, offset, shape, strides, and others that do not change the values.
  absl::StatusOr<TorchTensor> View(absl::Span<const PickleValue> parts, std::optional<DType> dtype) {
    if (parts.size() < 4 || !parts[0].is(PickleKind::kPersistentId) || !parts[1].is(PickleKind::kInt) ||
        parts[1].integer() < 0) {
      return Damaged("has no storage or no offset");
    }
    TorchTensor tensor;
    PS_ASSIGN_OR_RETURN(tensor.storage, ReadStorage(pickle_.PersistentId(parts[0])));
    tensor.dtype = dtype.value_or(result_.storages[tensor.storage].dtype);
    tensor.offset = static_cast<uint64_t>(parts[1].integer());
    PS_ASSIGN_OR_RETURN(tensor.shape, ReadSizes(parts[2]));
    PS_ASSIGN_OR_RETURN(tensor.strides, ReadSizes(parts[3]));
    return tensor;
  }

  absl::StatusOr<std::vector<int64_t>> ReadSizes(PickleValue value) const {
    // torch.Size(sizes)
    if (value.is(PickleKind::kCall)) {
      const auto& [function, arguments] = pickle_.Call(value);
      const auto parts = pickle_.Elements(arguments);
      if (pickle_.GlobalOf(function).name == "Size" && parts.size() == 1) value = parts[0];
    }
    if (!value.is(PickleKind::kTuple)) return Damaged("has no sizes or no strides");
    if (pickle_.Elements(value).size() > kMaxDimensions) return Damaged("has too many dimensions");
    std::vector<int64_t> sizes;
    for (const PickleValue size : pickle_.Elements(value)) {
      if (!size.is(PickleKind::kInt) || size.integer() < 0) return Damaged("has a size that is no number");
      sizes.push_back(size.integer());
    }
    return sizes;
  }

  // ("storage", type, key, device, elements) and, in the legacy form, what storage it is a view of.
  absl::StatusOr<uint32_t> ReadStorage(PickleValue id) {
    const absl::Status damaged = Damaged("has a storage that is not described as torch does");
    if (!id.is(PickleKind::kTuple)) return damaged;
    const absl::Span<const PickleValue> parts = pickle_.Elements(id);
    if (parts.size() < 5 || parts.size() > 6 || !parts[0].is(PickleKind::kString) ||
        pickle_.Text(parts[0]) != "storage" || !parts[1].is(PickleKind::kGlobal) ||
        !parts[2].is(PickleKind::kString) || !parts[4].is(PickleKind::kInt) || parts[4].integer() < 0) {
      return damaged;
    }
    if (parts.size() == 6 && !parts[5].is(PickleKind::kNone)) {
      return absl::UnimplementedError(
          absl::StrCat(file_, ": tensor ", QuotedTensorName(tensor_),
                       " has a storage that is a view of another, as torch before "
                       "0.4 wrote; load it with torch and save it again"));
    }
    const Pickle::Global& type = pickle_.GlobalOf(parts[1]);
    const std::optional<DType> dtype = StorageType(type.module, type.name);
    if (!dtype.has_value()) return damaged;
    const TorchStorage storage{std::string(pickle_.Text(parts[2])), *dtype,
                               static_cast<uint64_t>(parts[4].integer())};
    return AddStorage(storage);
  }

  absl::StatusOr<uint32_t> AddStorage(const TorchStorage& storage) {
    const auto [known, added] =
        storage_of_.try_emplace(storage.key, static_cast<uint32_t>(result_.storages.size()));
    if (added) {
      result_.storages.push_back(storage);
    } else if (const TorchStorage& other = result_.storages[known->second];
               other.dtype != storage.dtype || other.elements != storage.elements) {
      return Damaged("has a storage that another tensor describes differently");
    }
    return known->second;
  }

  absl::Status CheckFits(const TorchTensor& tensor) const {
    const TorchStorage& storage = result_.storages[tensor.storage];
    const auto element = static_cast<uint64_t>(ElementSize(tensor.dtype));
    uint64_t bytes = 0, count = 0;
    if (__builtin_mul_overflow(storage.elements, static_cast<uint64_t>(ElementSize(storage.dtype)), &bytes) ||
        tensor.shape.size() != tensor.strides.size() || !ElementCount(tensor.shape).has_value() ||
        __builtin_mul_overflow(*ElementCount(tensor.shape), element, &count)) {
      return Damaged("has sizes that cannot be");
    }
    if (count == 0) return absl::OkStatus();
    uint64_t last = tensor.offset;
    for (size_t i = 0; i < tensor.shape.size(); ++i) {
      uint64_t step = 0;
      if (__builtin_mul_overflow(static_cast<uint64_t>(tensor.shape[i] - 1),
                                 static_cast<uint64_t>(tensor.strides[i]), &step) ||
          __builtin_add_overflow(last, step, &last)) {
        return Damaged("has strides that cannot be");
      }
    }
    if (last < bytes / element) return absl::OkStatus();
    return Damaged(absl::StrCat("of shape ", ShapeText(tensor.shape), " reaches to element ", last,
                                " of a storage of ", bytes / element));
  }

  const Pickle& pickle_;
  const absl::string_view file_;
  absl::string_view tensor_;  // the one being read, for messages
  TorchStateDict result_;
  std::map<std::string, uint32_t> storage_of_;
};

}  // namespace

bool TorchTensor::contiguous() const {
  int64_t expected = 1;
  for (size_t i = shape.size(); i-- > 0;) {
    if (shape[i] != 1 && strides[i] != expected) return false;
    expected *= shape[i];
  }
  return true;
}

uint64_t TorchTensor::Span() const {
  uint64_t span = 1;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0) return 0;
    span += static_cast<uint64_t>(shape[i] - 1) * static_cast<uint64_t>(strides[i]);
  }
  return span;
}

absl::StatusOr<TorchStateDict> ReadStateDict(const Pickle& pickle, absl::string_view file) {
  return StateDictReader(pickle, file).Read();
}

}  // namespace probesweep::worker
