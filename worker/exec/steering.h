// Activation steering: a vector added to the residual stream while a model generates.
#ifndef PROBESWEEP_WORKER_EXEC_STEERING_H_
#define PROBESWEEP_WORKER_EXEC_STEERING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace probesweep::worker {

class Model;

enum class SteerPositions {
  kLast,  // the last position of every forward pass, of the pass over the prompt too
  kAll,   // every position
};

// α times a vector, added to a block's output (Turner et al., arXiv 2308.10248; Rimsky et al., arXiv
// 2312.06681).
struct Steering {
  int64_t layer = 0;          // 0-based block
  std::vector<float> vector;  // [hidden]
  double alpha = 1;
  SteerPositions positions = SteerPositions::kLast;
};

// Reads a floating-point tensor of a safetensors file, for instance of a `steering_vectors` artifact
// (docs/formats.md). Errors: NOT_FOUND (no such file); INVALID_ARGUMENT (no such key: names the nearest; not
// a vector; not finite); DATA_LOSS (damaged file).
absl::StatusOr<std::vector<float>> ReadSteeringVector(const std::string& path, const std::string& key);

// Errors: INVALID_ARGUMENT: a layer that the model does not have, a vector of another size, an α that is not
// finite.
absl::Status CheckSteering(const Steering& steering, const Model& model);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_EXEC_STEERING_H_
