// Representations kept as artifacts: one safetensors file for each layer (docs/cross-checkpoint.md).
#ifndef PROBESWEEP_WORKER_ANALYSIS_REPRESENTATIONS_ARTIFACT_H_
#define PROBESWEEP_WORKER_ANALYSIS_REPRESENTATIONS_ARTIFACT_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dataset/statements.h"

namespace probesweep::worker {

// The coordinator takes no larger file (server/store/blob_store.h); to it, too large is an error that may
// pass, so it is found out here.
inline constexpr int64_t kMaxArtifactBytes = int64_t{1} << 30;

// Keeps the layers' tensors, not copies, until the files can be named: the digest of the checkpoint is known
// only at the end. Layers may be added from several threads.
class RepresentationsArtifact {
 public:
  // For each protocol, the rows that its probe was judged on. `statements` must outlive the object.
  using TestRows = std::vector<std::pair<std::string, std::vector<int64_t>>>;
  RepresentationsArtifact(const Statements& statements, TestRows test_rows)
      : statements_(statements), test_rows_(std::move(test_rows)) {}

  // Before the first layer. Errors: INVALID_ARGUMENT when a file would be larger than `max_bytes`.
  absl::Status Expect(int64_t layers, int64_t hidden, int64_t max_bytes = kMaxArtifactBytes);

  // `representations`: fp32 [statements, hidden]; not changed afterwards.
  void Add(int64_t layer, const at::Tensor& representations);

  // The file of a layer, whose tensor is then let go: tensors `layer_<ℓ>` fp32 [statements, hidden], `labels`
  // and `groups` int64 [statements], and for each protocol `<protocol>.test_rows` int64.
  absl::StatusOr<std::string> Take(int64_t layer, const std::map<std::string, std::string>& metadata);

 private:
  const Statements& statements_;
  const TestRows test_rows_;
  std::vector<at::Tensor> layers_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ANALYSIS_REPRESENTATIONS_ARTIFACT_H_
