#include "worker/checkpoint/pickle_builder.h"

#include <limits>
#include <utility>
#include <vector>

#include "common/status.h"

namespace probesweep::worker {
namespace {

// A vector that grows holds up to twice what is in it.
constexpr uint64_t kGrowth = 2;

template <typename T>
PickleValue Add(PickleKind kind, std::vector<T>& values, T value) {
  values.push_back(std::move(value));
  return PickleValue(kind, static_cast<int64_t>(values.size() - 1));
}

}  // namespace

absl::Status PickleBuilder::Charge(uint64_t bytes) {
  if (bytes > memory_left_) {
    return absl::DataLossError("it would fill more memory than the values of a checkpoint's pickle do");
  }
  memory_left_ -= bytes;
  return absl::OkStatus();
}

absl::StatusOr<PickleValue> PickleBuilder::Text(PickleKind kind, absl::string_view text) {
  PS_RETURN_IF_ERROR(Charge(kGrowth * sizeof text));
  return Add(kind, pickle_.texts_, text);
}

absl::StatusOr<PickleValue> PickleBuilder::Tuple(absl::Span<const PickleValue> elements) {
  PS_RETURN_IF_ERROR(Charge(kGrowth * (sizeof(Pickle::Range) + elements.size() * sizeof(PickleValue))));
  const size_t begin = pickle_.tuple_elements_.size();
  if (begin + elements.size() > std::numeric_limits<uint32_t>::max()) {
    return absl::DataLossError("its tuples have more elements than a checkpoint's");
  }
  pickle_.tuple_elements_.insert(pickle_.tuple_elements_.end(), elements.begin(), elements.end());
  return Add(PickleKind::kTuple, pickle_.tuples_,
             Pickle::Range{static_cast<uint32_t>(begin), static_cast<uint32_t>(elements.size())});
}

absl::StatusOr<PickleValue> PickleBuilder::Empty(PickleKind container) {
  PS_RETURN_IF_ERROR(Charge(kGrowth * sizeof(std::vector<PickleValue>)));
  if (container == PickleKind::kDict) return Add(container, pickle_.dicts_, {});
  return Add(container, pickle_.lists_, {});
}

absl::StatusOr<PickleValue> PickleBuilder::Global(absl::string_view module, absl::string_view name) {
  PS_RETURN_IF_ERROR(Charge(kGrowth * sizeof(Pickle::Global)));
  return Add(PickleKind::kGlobal, pickle_.globals_, Pickle::Global{module, name});
}

absl::StatusOr<PickleValue> PickleBuilder::Call(PickleValue global, PickleValue arguments) {
  PS_RETURN_IF_ERROR(Charge(kGrowth * sizeof(Pickle::Pair)));
  return Add(PickleKind::kCall, pickle_.calls_, Pickle::Pair(global, arguments));
}

absl::StatusOr<PickleValue> PickleBuilder::PersistentId(PickleValue id) {
  PS_RETURN_IF_ERROR(Charge(kGrowth * sizeof id));
  return Add(PickleKind::kPersistentId, pickle_.persistent_ids_, id);
}

absl::Status PickleBuilder::Append(PickleValue list, absl::Span<const PickleValue> elements) {
  if (!list.is(PickleKind::kList) && !list.is(PickleKind::kSet)) {
    return absl::DataLossError("it appends to something that is not a list");
  }
  PS_RETURN_IF_ERROR(Charge(kGrowth * elements.size() * sizeof(PickleValue)));
  std::vector<PickleValue>& values = pickle_.lists_[list.place()];
  values.insert(values.end(), elements.begin(), elements.end());
  return absl::OkStatus();
}

absl::Status PickleBuilder::SetItems(PickleValue dict, absl::Span<const PickleValue> keys_and_values) {
  if (!dict.is(PickleKind::kDict))
    return absl::DataLossError("it sets items of something that is not a dict");
  if (keys_and_values.size() % 2 != 0) return absl::DataLossError("it sets a key without a value");
  PS_RETURN_IF_ERROR(Charge(kGrowth * keys_and_values.size() * sizeof(PickleValue)));
  std::vector<Pickle::Pair>& items = pickle_.dicts_[dict.place()];
  for (size_t i = 0; i < keys_and_values.size(); i += 2) {
    items.emplace_back(keys_and_values[i], keys_and_values[i + 1]);
  }
  return absl::OkStatus();
}

Pickle PickleBuilder::Finish(PickleValue root, size_t size) {
  pickle_.root_ = root;
  pickle_.size_ = size;
  return std::move(pickle_);
}

}  // namespace probesweep::worker
