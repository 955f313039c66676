#ifndef PROBESWEEP_WORKER_CHECKPOINT_WEIGHT_INDEX_H_
#define PROBESWEEP_WORKER_CHECKPOINT_WEIGHT_INDEX_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace probesweep::worker {

// The field `weight_map` of an index file: tensor → the shard that holds it, a file name in the index's
// folder. The index is untrusted. Errors: INVALID_ARGUMENT (not such an index; a name that leads out of the
// folder), OUT_OF_RANGE (too large), each naming the file.
absl::StatusOr<std::map<std::string, std::string>> ReadWeightIndex(const std::string& path);

// The same for the file's text.
absl::StatusOr<std::map<std::string, std::string>> ParseWeightIndex(absl::string_view text,
                                                                    const std::string& path);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_CHECKPOINT_WEIGHT_INDEX_H_
