#include "server/rpc/convert_results.h"

#include <algorithm>
#include <tuple>

namespace probesweep::server {
namespace {

void ToProto(const Provenance& provenance, v1::Provenance& out) {
  out.set_tokenizer_digest(provenance.tokenizer_digest);
  out.set_dataset_digest(provenance.dataset_digest);
  out.set_configuration(provenance.configuration);
  out.set_engine_version(provenance.engine_version);
  out.set_device(provenance.device);
  out.set_dtype(provenance.dtype);
}

}  // namespace

std::vector<v1::ResultRow> ToRows(const Sweep& sweep, const ResultPlan::Entry& entry,
                                  const Outcome& outcome) {
  const Checkpoint& checkpoint = sweep.checkpoints[static_cast<size_t>(entry.checkpoint)];
  const Dimension& dimension = sweep.spec.dimensions[static_cast<size_t>(entry.dimension)];
  const std::vector<std::string>& protocols = sweep.spec.analysis.protocols;
  const auto position = [&](const LayerRow* row) {
    return std::make_tuple(row->layer, std::find(protocols.begin(), protocols.end(), row->protocol),
                           row->protocol);
  };
  std::vector<const LayerRow*> sorted;
  for (const LayerRow& row : outcome.rows) sorted.push_back(&row);
  std::sort(sorted.begin(), sorted.end(),
            [&](const LayerRow* a, const LayerRow* b) { return position(a) < position(b); });
  std::vector<v1::ResultRow> rows;
  rows.reserve(sorted.size());
  for (const LayerRow* row : sorted) {
    v1::ResultRow& out = rows.emplace_back();
    out.set_sweep_id(sweep.id);
    out.set_sweep(sweep.spec.name);
    out.set_model(sweep.spec.model);
    out.set_checkpoint(checkpoint.name);
    if (checkpoint.step.has_value()) out.set_step(*checkpoint.step);
    if (checkpoint.tokens.has_value()) out.set_tokens(*checkpoint.tokens);
    out.set_dimension(dimension.name);
    out.set_dataset(dimension.dataset);
    out.set_layer(row->layer);
    out.set_protocol(row->protocol);
    out.mutable_values()->insert(row->values.begin(), row->values.end());
    out.set_checkpoint_digest(outcome.checkpoint_digest);
    ToProto(outcome.provenance, *out.mutable_provenance());
  }
  return rows;
}

void AddArtifacts(const Sweep& sweep, const ResultPlan::Entry& entry, const Outcome& outcome,
                  v1::ListArtifactsResponse& out) {
  for (const ArtifactRef& artifact : outcome.artifacts) {
    v1::Artifact& added = *out.add_artifacts();
    added.set_digest(artifact.digest);
    added.set_kind(artifact.kind);
    added.set_sweep_id(sweep.id);
    added.set_checkpoint(sweep.checkpoints[static_cast<size_t>(entry.checkpoint)].name);
    added.set_dimension(sweep.spec.dimensions[static_cast<size_t>(entry.dimension)].name);
    added.set_size_bytes(artifact.size_bytes);
  }
}

}  // namespace probesweep::server
