// The training position that a checkpoint's name tells.
#ifndef PROBESWEEP_SERVER_SCHEDULING_TRAINING_POSITION_H_
#define PROBESWEEP_SERVER_SCHEDULING_TRAINING_POSITION_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace probesweep::server {

struct TrainingPosition {
  std::optional<int64_t> step;
  std::optional<int64_t> tokens;
};

// Reads a folder's name: "step1000", "global_step1000", "checkpoint-500", "ckpt_358", "iter_0001000", "1000",
// "step1000-tokens4B", "stage1-step2k-tokens4.2B", "tokens_100M". Unknown names give nothing.
TrainingPosition ReadTrainingPosition(absl::string_view name);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_SCHEDULING_TRAINING_POSITION_H_
