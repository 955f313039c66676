// One dimension within a pass: its rows, its protocols, and what they have found so far.
#ifndef PROBESWEEP_WORKER_ENGINE_DIMENSION_TASK_H_
#define PROBESWEEP_WORKER_ENGINE_DIMENSION_TASK_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dataset/statements.h"
#include "worker/analysis/artifact_builder.h"
#include "worker/analysis/protocol.h"
#include "worker/analysis/representations_artifact.h"
#include "worker/engine/pass.h"
#include "worker/engine/surface_cache.h"
#include "worker/model/model.h"
#include "worker/text/tokenizer.h"

namespace probesweep::worker {

// Thread-safe where a method says so.
class DimensionTask {
 public:
  // Reads the dataset and sets up the protocols. `request` must outlive the task. Errors: INVALID_ARGUMENT
  // (bad dataset, a split that cannot be made), naming dataset and row; those of `step`, which is called now
  // and then.
  static absl::StatusOr<std::unique_ptr<DimensionTask>> Create(const PassRequest& request, int index,
                                                               SurfaceCache& surfaces, AnalysisStep step);

  // The statements' ids. Errors: INVALID_ARGUMENT naming dataset and row (a text without tokens, or with
  // tokens or positions that the model does not have). `cancelled` is asked now and then, after some
  // statements more; true ends with CANCELLED. The ids do not depend on the number of threads.
  absl::StatusOr<std::vector<TokenIds>> Tokenize(const Tokenizer& tokenizer, const Model& model, int threads,
                                                 absl::FunctionRef<bool()> cancelled) const;

  // Before the first layer. Errors: INVALID_ARGUMENT (representations too large to be kept).
  absl::Status Expect(const Model& model);
  // Analyses a layer's representations, fp32 [statements, hidden]. Once layer 0 is analysed, others may be
  // from several threads, in any order. An error is kept for Finish, as is that of `step`, which is called
  // now and then.
  void AnalyseLayer(int64_t layer, const at::Tensor& representations, AnalysisStep step);

  // After all layers. `checkpoint_digest`: of the weights that the pass has read; it and the provenance go
  // into the result and into the artifacts' metadata. Errors: the first layer's that has one.
  absl::StatusOr<DimensionResult> Finish(const std::string& checkpoint_digest, Provenance provenance);

  int index() const { return index_; }
  int64_t statements() const { return static_cast<int64_t>(statements_.texts.size()); }

 private:
  DimensionTask(const PassRequest& request, int index) : request_(request), index_(index) {}
  const PassDimension& dimension() const { return request_.dimensions[static_cast<size_t>(index_)]; }
  // One analysis per protocol, or why there is none.
  struct LayerOutcome {
    absl::Status status;
    std::vector<LayerAnalysis> analyses;
  };
  // Of an artifact that holds these layers: their numbers, with commas between.
  std::map<std::string, std::string> Metadata(const std::string& kind, const std::string& layers,
                                              const DimensionResult& result) const;
  absl::Status AddArtifact(const char* kind, const ArtifactBuilder& builder, DimensionResult& result) const;
  absl::Status AddRepresentations(DimensionResult& result);

  const PassRequest& request_;
  const int index_;
  Statements statements_;
  std::vector<std::pair<std::string, std::unique_ptr<Protocol>>> protocols_;  // by name, as configured
  std::vector<LayerOutcome> layers_;
  std::unique_ptr<RepresentationsArtifact> representations_;  // null: not kept
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ENGINE_DIMENSION_TASK_H_
