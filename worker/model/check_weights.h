#ifndef PROBESWEEP_WORKER_MODEL_CHECK_WEIGHTS_H_
#define PROBESWEEP_WORKER_MODEL_CHECK_WEIGHTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/checkpoint/checkpoint_weights.h"
#include "worker/model/model.h"

namespace probesweep::worker {

// A tensor that a model reads, by its canonical name.
struct WeightTensor {
  std::string name;
  std::vector<int64_t> shape;
  int64_t stored_bytes = 0;
};

// What a model's weights come to.
struct WeightSummary {
  int64_t body_parameters = 0;       // of the embedding and the blocks
  int64_t head_parameters = 0;       // of the head, without an embedding that it shares
  int64_t largest_block_bytes = 0;   // in fp32
  absl::Status head;                 // OK, or what is missing for logits: probing does without
  std::vector<std::string> tensors;  // that the model reads, by their canonical names
  // Those of the embedding, and of each block.
  std::vector<WeightTensor> embedding;
  std::vector<std::vector<WeightTensor>> blocks;
};

// Whether every tensor that `model` reads is there, of floating-point numbers and the shape that it needs.
// Nothing is read but names, types and shapes: it takes milliseconds, and finds in them what a pass would
// find after its first layers. Errors: DATA_LOSS naming the first tensors and how many there are, or the
// first layer of which none is there.
absl::StatusOr<WeightSummary> CheckWeights(const Model& model, const CheckpointWeights& weights);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_CHECK_WEIGHTS_H_
