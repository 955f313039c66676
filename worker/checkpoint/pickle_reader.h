#ifndef PROBESWEEP_WORKER_CHECKPOINT_PICKLE_READER_H_
#define PROBESWEEP_WORKER_CHECKPOINT_PICKLE_READER_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/checkpoint/pickle.h"

namespace probesweep::worker {

// Reads the pickle that `bytes` begin with, protocols 2 to 5, as data: nothing is imported, nothing called. A
// global that PickleAllows does not is refused by name, since Python would run it. Attributes that a pickle
// sets on an object (BUILD) are passed over. `name` is for messages; `max_memory` is in bytes, for the values
// only. Errors: OUT_OF_RANGE (the bytes end before the pickle does), UNIMPLEMENTED (such a global, another
// protocol or opcode), DATA_LOSS (damaged, or more memory needed).
absl::StatusOr<Pickle> ReadPickle(absl::string_view bytes, uint64_t max_memory, absl::string_view name);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_CHECKPOINT_PICKLE_READER_H_
