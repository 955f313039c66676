#include "worker/agent/convert.h"

namespace probesweep::worker {

AnalysisConfig FromProto(const v1::AnalysisConfig& config) {
  AnalysisConfig out;
  out.protocols.assign(config.protocols().begin(), config.protocols().end());
  out.probe_c = config.probe_c();
  out.hsic_sigma = config.hsic_sigma();
  out.hsic_epsilon = config.hsic_epsilon();
  out.keep_probes = config.keep_probes();
  out.keep_steering_vectors = config.keep_steering_vectors();
  if (config.has_solver()) out.solver = config.solver();
  if (config.has_hsic_scale_by_dimension()) out.hsic_scale_by_dimension = config.hsic_scale_by_dimension();
  out.estimators.assign(config.estimators().begin(), config.estimators().end());
  if (config.has_splits()) out.splits = config.splits();
  out.seed = config.seed();
  if (config.has_permutations()) out.permutations = config.permutations();
  out.keep_representations = config.keep_representations();
  return out;
}

PassDimension FromProto(const v1::Dimension& dimension) {
  PassDimension out;
  out.name = dimension.name();
  out.dataset = dimension.dataset();
  out.dataset_digest = dimension.dataset_digest();
  out.steering_share = dimension.steering_share();
  out.group_column = dimension.group_column();
  out.group_rule = dimension.group_rule();
  return out;
}

void ToProto(const DimensionResult& result, v1::CommitTaskRequest& request) {
  request.set_checkpoint_digest(result.checkpoint_digest);
  v1::Provenance& provenance = *request.mutable_provenance();
  provenance.set_tokenizer_digest(result.provenance.tokenizer_digest);
  provenance.set_dataset_digest(result.provenance.dataset_digest);
  provenance.set_configuration(result.provenance.configuration);
  provenance.set_engine_version(result.provenance.engine_version);
  provenance.set_device(result.provenance.device);
  provenance.set_dtype(result.provenance.dtype);
  for (const LayerResult& layer : result.layers) {
    v1::LayerResult& out = *request.add_results();
    out.set_layer(layer.layer);
    out.set_protocol(layer.protocol);
    for (const auto& [name, value] : layer.values) (*out.mutable_values())[name] = value;
  }
}

v1::PassStatistics ToProto(const PassStatistics& statistics, absl::Duration commit) {
  v1::PassStatistics out;
  *out.mutable_load() = ToProto(statistics.load);
  *out.mutable_tokenize() = ToProto(statistics.tokenize);
  *out.mutable_forward() = ToProto(statistics.forward);
  *out.mutable_analyse() = ToProto(statistics.analyse);
  *out.mutable_commit() = ToProto(commit);
  out.set_tokens(statistics.tokens);
  out.set_statements(statistics.statements);
  out.set_bytes_read(statistics.bytes_read);
  return out;
}

v1::FailureKind FailureKindFor(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kDataLoss:
      return v1::FAILURE_KIND_CHECKPOINT_CORRUPT;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kPermissionDenied:
      return v1::FAILURE_KIND_PERMANENT;
    default:
      return v1::FAILURE_KIND_TRANSIENT;
  }
}

google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration out;
  absl::Duration rest;
  out.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &rest));
  out.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return out;
}

absl::Duration FromProto(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

}  // namespace probesweep::worker
