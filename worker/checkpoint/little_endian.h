#ifndef PROBESWEEP_WORKER_CHECKPOINT_LITTLE_ENDIAN_H_
#define PROBESWEEP_WORKER_CHECKPOINT_LITTLE_ENDIAN_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace probesweep::worker {

// The number that starts at byte `at`, which must not be beyond the end; bytes that are not there count as 0.
// T: a whole number. Like all that is read here, for little-endian machines.
template <typename T>
T LittleEndian(absl::string_view bytes, size_t at = 0) {
  T value = 0;
  bytes.copy(reinterpret_cast<char*>(&value), sizeof value, at);
  return value;
}

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_CHECKPOINT_LITTLE_ENDIAN_H_
