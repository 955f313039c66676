#ifndef PROBESWEEP_WORKER_INSPECT_GENERATION_CONFIG_H_
#define PROBESWEEP_WORKER_INSPECT_GENERATION_CONFIG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace probesweep::worker {

// What a checkpoint says of how it is to be continued.
struct GenerationConfig {
  std::string path;               // of the file that says it
  std::vector<int64_t> stop_ids;  // of tokens that end a text
  // Fields that would change what transformers' generate gives by default, and that are not applied here.
  std::vector<std::string> not_applied;
};

// Reads generation_config.json, or config.json where there is no such file, as transformers 5 does. Stop ids
// are its `eos_token_id`, a number or a list; what transformers takes for a model_type whose files do not
// name any plays no part there either. Errors: INVALID_ARGUMENT naming file and field.
absl::StatusOr<GenerationConfig> ReadGenerationConfig(const std::string& folder);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_INSPECT_GENERATION_CONFIG_H_
