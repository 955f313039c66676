#include "worker/engine/dimension_task.h"

#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status.h"
#include "worker/exec/input_limits.h"
#include "worker/exec/torch_boundary.h"

namespace probesweep::worker {

absl::StatusOr<std::unique_ptr<DimensionTask>> DimensionTask::Create(const PassRequest& request, int index,
                                                                     SurfaceCache& surfaces,
                                                                     AnalysisStep step) {
  std::unique_ptr<DimensionTask> task(new DimensionTask(request, index));
  const PassDimension& dimension = task->dimension();
  PS_ASSIGN_OR_RETURN(task->statements_,
                      ReadStatements(dimension.dataset_csv, dimension.dataset,
                                     Grouping{dimension.group_column, dimension.group_rule}));
  const ProtocolInput input{request.analysis, &task->statements_, dimension.dataset,
                            dimension.steering_share};
  for (const std::string& name : request.analysis.protocols) {
    PS_ASSIGN_OR_RETURN(const SurfaceBaselines surface, surfaces.Get(dimension, name, input, step));
    PS_ASSIGN_OR_RETURN(std::unique_ptr<Protocol> protocol, CreateProtocol(name, input, surface));
    task->protocols_.emplace_back(name, std::move(protocol));
  }
  if (!request.analysis.keep_representations) return task;
  RepresentationsArtifact::TestRows test_rows;
  for (const std::string& name : request.analysis.protocols) {
    PS_ASSIGN_OR_RETURN(std::vector<Split> splits, SplitsOf(name, input));
    test_rows.emplace_back(name, std::move(splits[0].test));
  }
  task->representations_ = std::make_unique<RepresentationsArtifact>(task->statements_, std::move(test_rows));
  return task;
}

namespace {

// Some milliseconds of tokenizing.
constexpr size_t kStatementsBetweenQuestions = 256;

// What the model's embedding cannot look up: an id or a position beyond its tables.
absl::Status CheckFits(const TokenIds& ids, const Model& model) {
  PS_RETURN_IF_ERROR(CheckTokenIds(model, ids));
  return CheckPositions(model, static_cast<int64_t>(ids.size()),
                        absl::StrCat("the text's ", ids.size(), " tokens"), "shorten or remove the row");
}

}  // namespace

absl::StatusOr<std::vector<TokenIds>> DimensionTask::Tokenize(const Tokenizer& tokenizer, const Model& model,
                                                              int threads,
                                                              absl::FunctionRef<bool()> cancelled) const {
  const absl::Span<const std::string> texts = statements_.texts;
  std::vector<TokenIds> statements;
  while (statements.size() < texts.size()) {
    if (!statements.empty() && cancelled()) return absl::CancelledError("the pass was cancelled");
    const auto batch = texts.subspan(statements.size(), kStatementsBetweenQuestions);
    for (absl::StatusOr<TokenIds>& ids : tokenizer.EncodeBatch(batch, threads)) {
      const std::string where =
          absl::StrCat("dataset '", dimension().dataset, "', statement ", statements.size() + 1);
      if (!ids.ok()) return Annotate(ids.status(), where);
      if (ids->empty()) {
        return absl::InvalidArgumentError(
            absl::StrCat(where, ": the text has no tokens, so no representation; remove the row"));
      }
      PS_RETURN_IF_ERROR(Annotate(CheckFits(*ids, model), where));
      statements.push_back(*std::move(ids));
    }
  }
  return statements;
}

absl::Status DimensionTask::Expect(const Model& model) {
  layers_.resize(static_cast<size_t>(model.layers()));
  if (representations_ == nullptr) return absl::OkStatus();
  return Annotate(representations_->Expect(model.layers(), model.hidden_size()),
                  absl::StrCat("dataset '", dimension().dataset, "'"));
}

void DimensionTask::AnalyseLayer(int64_t layer, const at::Tensor& representations, AnalysisStep step) {
  LayerOutcome& outcome = layers_[static_cast<size_t>(layer)];
  // Here, so that what torch throws ends this dimension and no other.
  outcome.status = RunTorch([&]() -> absl::Status {
    if (representations_ != nullptr) representations_->Add(layer, representations);
    for (const auto& [name, protocol] : protocols_) {
      absl::StatusOr<LayerAnalysis> analysis = protocol->AnalyseLayer(layer, representations, step);
      if (!analysis.ok()) return Annotate(analysis.status(), absl::StrCat("protocol ", name));
      outcome.analyses.push_back(*std::move(analysis));
      PS_RETURN_IF_ERROR(step());
    }
    return absl::OkStatus();
  });
  outcome.status = Annotate(outcome.status, absl::StrCat("layer ", layer));
}

std::map<std::string, std::string> DimensionTask::Metadata(const std::string& kind, const std::string& layers,
                                                           const DimensionResult& result) const {
  const Provenance& provenance = result.provenance;
  return {
      {"kind", kind},
      {"model", request_.model},
      {"checkpoint", request_.checkpoint},
      {"dimension", dimension().name},
      {"dataset", dimension().dataset},
      {"layers", layers},
      {"protocols", absl::StrJoin(request_.analysis.protocols, ",")},
      {"checkpoint_digest", result.checkpoint_digest},
      {"tokenizer_digest", provenance.tokenizer_digest},
      {"dataset_digest", provenance.dataset_digest},
      {"configuration", provenance.configuration},
      {"engine_version", provenance.engine_version},
      {"device", provenance.device},
      {"dtype", provenance.dtype},
  };
}

absl::Status DimensionTask::AddArtifact(const char* kind, const ArtifactBuilder& builder,
                                        DimensionResult& result) const {
  if (builder.empty()) return absl::OkStatus();
  std::vector<size_t> layers(layers_.size());
  std::iota(layers.begin(), layers.end(), 0);
  PS_ASSIGN_OR_RETURN(std::string bytes,
                      builder.Serialize(Metadata(kind, absl::StrJoin(layers, ","), result)));
  result.artifacts.push_back({kind, std::move(bytes)});
  return absl::OkStatus();
}

// One file for each layer: one for all would exceed what an artifact may have, and who reads one layer would
// have to fetch all.
absl::Status DimensionTask::AddRepresentations(DimensionResult& result) {
  if (representations_ == nullptr) return absl::OkStatus();
  for (size_t layer = 0; layer < layers_.size(); ++layer) {
    const std::string kind = absl::StrCat("representations.layer_", layer);
    PS_ASSIGN_OR_RETURN(
        std::string bytes,
        representations_->Take(static_cast<int64_t>(layer), Metadata(kind, absl::StrCat(layer), result)));
    result.artifacts.push_back({kind, std::move(bytes)});
  }
  return absl::OkStatus();
}

absl::StatusOr<DimensionResult> DimensionTask::Finish(const std::string& checkpoint_digest,
                                                      Provenance provenance) {
  DimensionResult result;
  result.checkpoint_digest = checkpoint_digest;
  result.provenance = std::move(provenance);
  ArtifactBuilder probes, steering_vectors;
  for (size_t layer = 0; layer < layers_.size(); ++layer) {
    PS_RETURN_IF_ERROR(layers_[layer].status);
    for (size_t i = 0; i < protocols_.size(); ++i) {
      const std::string& name = protocols_[i].first;
      LayerAnalysis& analysis = layers_[layer].analyses[i];
      if (request_.analysis.keep_probes) probes.AddProbe(name, layer, analysis);
      if (request_.analysis.keep_steering_vectors) steering_vectors.AddSteeringVector(name, layer, analysis);
      result.layers.push_back({static_cast<int>(layer), name, std::move(analysis.values)});
    }
  }
  PS_RETURN_IF_ERROR(AddArtifact("probes", probes, result));
  PS_RETURN_IF_ERROR(AddArtifact("steering_vectors", steering_vectors, result));
  PS_RETURN_IF_ERROR(AddRepresentations(result));
  return result;
}

}  // namespace probesweep::worker
