// The artifacts of a task: probes and steering vectors as safetensors files (docs/formats.md).
#ifndef PROBESWEEP_WORKER_ANALYSIS_ARTIFACT_BUILDER_H_
#define PROBESWEEP_WORKER_ANALYSIS_ARTIFACT_BUILDER_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/safetensors.h"
#include "worker/analysis/protocol.h"

namespace probesweep::worker {

// Collects the tensors of one file, layer by layer. The same tensors give the same bytes.
class ArtifactBuilder {
 public:
  // Tensors `<protocol>.layer_<ℓ>.weight`, `.mean`, `.scale` fp32 [hidden] and `.intercept` fp32 [1].
  void AddProbe(absl::string_view protocol, int64_t layer, const LayerAnalysis& analysis);
  // Tensor `<protocol>.layer_<ℓ>` fp32 [hidden]; nothing when the layer has no steering vector.
  void AddSteeringVector(absl::string_view protocol, int64_t layer, const LayerAnalysis& analysis);

  bool empty() const { return tensors_.empty(); }
  absl::StatusOr<std::string> Serialize(const std::map<std::string, std::string>& metadata) const;

 private:
  struct Named {
    std::string name;
    int64_t size;
    std::string bytes;  // fp32
  };
  void Add(std::string name, const at::Tensor& values);

  std::vector<Named> tensors_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ANALYSIS_ARTIFACT_BUILDER_H_
