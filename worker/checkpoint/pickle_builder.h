#ifndef PROBESWEEP_WORKER_CHECKPOINT_PICKLE_BUILDER_H_
#define PROBESWEEP_WORKER_CHECKPOINT_PICKLE_BUILDER_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "worker/checkpoint/pickle.h"

namespace probesweep::worker {

// Makes a Pickle's values and counts the memory that they take. Errors of each function: DATA_LOSS when that
// would be more than allowed, or when a container is of another kind.
class PickleBuilder {
 public:
  explicit PickleBuilder(uint64_t max_memory) : memory_left_(max_memory) {}

  absl::StatusOr<PickleValue> Text(PickleKind kind, absl::string_view text);
  absl::StatusOr<PickleValue> Tuple(absl::Span<const PickleValue> elements);
  absl::StatusOr<PickleValue> Empty(PickleKind container);  // kList, kSet or kDict
  absl::StatusOr<PickleValue> Global(absl::string_view module, absl::string_view name);
  absl::StatusOr<PickleValue> Call(PickleValue global, PickleValue arguments);
  absl::StatusOr<PickleValue> PersistentId(PickleValue id);

  absl::Status Append(PickleValue list, absl::Span<const PickleValue> elements);  // kList or kSet
  // Keys and values in turn.
  absl::Status SetItems(PickleValue dict, absl::Span<const PickleValue> keys_and_values);

  // Takes `bytes` off what is left; others that keep values call it too.
  absl::Status Charge(uint64_t bytes);

  const Pickle& pickle() const { return pickle_; }
  Pickle Finish(PickleValue root, size_t size);

 private:
  uint64_t memory_left_;
  Pickle pickle_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_CHECKPOINT_PICKLE_BUILDER_H_
