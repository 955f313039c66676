#include "client/cli/analysis_fields.h"

#include "absl/strings/str_cat.h"

namespace probesweep::client {
namespace {

// AnalysisConfig::Validate checks the same; here it is told with the line.
void ReadPositive(YamlFields& fields, const std::string& field, double& value) {
  value = fields.Number(field).value_or(value);
  if (!(value > 0)) fields.Refuse(field, "must be above 0");
}

void ReadCount(YamlFields& fields, const std::string& field, int64_t least, int64_t most, int64_t& value) {
  value = fields.Count(field).value_or(value);
  if (value < least || value > most) {
    fields.Refuse(field, absl::StrCat("must be from ", least, " to ", most));
  }
}

void ReadFlag(YamlFields& fields, const std::string& field, bool& value) {
  value = fields.Flag(field).value_or(value);
}

}  // namespace

AnalysisConfig ReadAnalysis(YamlFields& parent, Mistakes& mistakes) {
  AnalysisConfig config;
  const std::optional<YAML::Node> node = parent.Map("analysis");
  if (!node) return config;
  YamlFields fields(*node, "analysis",
                    {"protocols", "probe_c", "solver", "hsic_sigma", "hsic_epsilon",
                     "hsic_scale_by_dimension", "estimators", "splits", "seed", "permutations", "keep_probes",
                     "keep_steering_vectors", "keep_representations"},
                    mistakes);
  config.protocols = fields.Choices("protocols", KnownProtocols()).value_or(config.protocols);
  ReadPositive(fields, "probe_c", config.probe_c);
  config.solver = fields.Choice("solver", KnownSolvers()).value_or(config.solver);
  ReadPositive(fields, "hsic_sigma", config.hsic_sigma);
  ReadPositive(fields, "hsic_epsilon", config.hsic_epsilon);
  ReadFlag(fields, "hsic_scale_by_dimension", config.hsic_scale_by_dimension);
  config.estimators = fields.Choices("estimators", KnownEstimators()).value_or(config.estimators);
  ReadCount(fields, "splits", kFewestSplits, kMostSplits, config.splits);
  ReadCount(fields, "seed", 0, kLargestSeed, config.seed);
  ReadCount(fields, "permutations", 0, kMostPermutations, config.permutations);
  ReadFlag(fields, "keep_probes", config.keep_probes);
  ReadFlag(fields, "keep_steering_vectors", config.keep_steering_vectors);
  ReadFlag(fields, "keep_representations", config.keep_representations);
  return config;
}

v1::AnalysisConfig ToProto(const AnalysisConfig& config) {
  v1::AnalysisConfig to;
  for (const std::string& protocol : config.protocols) to.add_protocols(protocol);
  to.set_probe_c(config.probe_c);
  to.set_solver(config.solver);
  to.set_hsic_sigma(config.hsic_sigma);
  to.set_hsic_epsilon(config.hsic_epsilon);
  to.set_hsic_scale_by_dimension(config.hsic_scale_by_dimension);
  for (const std::string& estimator : config.estimators) to.add_estimators(estimator);
  to.set_splits(config.splits);
  to.set_seed(config.seed);
  to.set_permutations(config.permutations);
  to.set_keep_probes(config.keep_probes);
  to.set_keep_steering_vectors(config.keep_steering_vectors);
  to.set_keep_representations(config.keep_representations);
  return to;
}

}  // namespace probesweep::client
