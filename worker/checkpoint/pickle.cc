#include "worker/checkpoint/pickle.h"

namespace probesweep::worker {

absl::Span<const PickleValue> Pickle::Elements(PickleValue value) const {
  if (!value.is(PickleKind::kTuple)) return lists_[value.place()];
  const Range range = tuples_[value.place()];
  return absl::MakeConstSpan(tuple_elements_).subspan(range.begin, range.count);
}

}  // namespace probesweep::worker
