#include "worker/analysis/artifact_builder.h"

#include <ATen/ATen.h>

#include "absl/strings/str_cat.h"

namespace probesweep::worker {

void ArtifactBuilder::Add(std::string name, const at::Tensor& values) {
  const at::Tensor narrow = values.to(at::kFloat).contiguous();
  const char* data = static_cast<const char*>(narrow.data_ptr());
  tensors_.push_back({std::move(name), narrow.numel(), std::string(data, narrow.nbytes())});
}

void ArtifactBuilder::AddProbe(absl::string_view protocol, int64_t layer, const LayerAnalysis& analysis) {
  const std::string prefix = absl::StrCat(protocol, ".layer_", layer);
  Add(prefix + ".weight", analysis.probe_weights);
  Add(prefix + ".mean", analysis.probe_mean);
  Add(prefix + ".scale", analysis.probe_scale);
  Add(prefix + ".intercept", at::full({1}, analysis.probe_intercept, at::kDouble));
}

void ArtifactBuilder::AddSteeringVector(absl::string_view protocol, int64_t layer,
                                        const LayerAnalysis& analysis) {
  if (!analysis.steering_vector.defined()) return;
  Add(absl::StrCat(protocol, ".layer_", layer), analysis.steering_vector);
}

absl::StatusOr<std::string> ArtifactBuilder::Serialize(
    const std::map<std::string, std::string>& metadata) const {
  std::vector<TensorToWrite> tensors;
  for (const Named& tensor : tensors_) {
    tensors.push_back({tensor.name, DType::kF32, {tensor.size}, tensor.bytes});
  }
  return SerializeSafetensors(tensors, metadata);
}

}  // namespace probesweep::worker
