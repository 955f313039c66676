#include "worker/model/block_tensors.h"

#include "absl/strings/match.h"

namespace probesweep::worker {

std::vector<std::string> BlockTensors(const Model& model, int64_t layer, const WeightSource& weights) {
  const std::string prefix = model.BlockPrefix(layer);
  std::vector<std::string> names;
  for (std::string& name : weights.Names()) {
    if (absl::StartsWith(name, prefix) || absl::StrContains(name, "." + prefix)) {
      names.push_back(std::move(name));
    }
  }
  return names;
}

}  // namespace probesweep::worker
