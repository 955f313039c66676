// The shapes that benchmarks are run on: published models' configurations, with or without some of their
// blocks.
#ifndef PROBESWEEP_BENCH_ENGINE_CHECKPOINT_SHAPE_H_
#define PROBESWEEP_BENCH_ENGINE_CHECKPOINT_SHAPE_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace probesweep::worker {

// A tensor of a checkpoint and what it holds before training.
struct ShapedTensor {
  enum class Start { kNormal, kOnes, kZeros };
  std::string name;
  std::vector<int64_t> shape;
  Start start = Start::kNormal;

  int64_t elements() const {
    int64_t product = 1;
    for (const int64_t size : shape) product *= size;
    return product;
  }
};

struct CheckpointShape {
  nlohmann::json config;  // of config.json, without the type of the weights
  std::vector<ShapedTensor> tensors;
};

const std::vector<std::string>& KnownShapes();

// `layers`: 0 means as many as the shape has. Errors: INVALID_ARGUMENT (no such shape), naming those there
// are.
absl::StatusOr<CheckpointShape> ShapeNamed(const std::string& name, int64_t layers);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_BENCH_ENGINE_CHECKPOINT_SHAPE_H_
