#include "worker/analysis/paper_protocol.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/status.h"
#include "worker/analysis/information_values.h"
#include "worker/analysis/protocol_parts.h"
#include "worker/analysis/steering_vector.h"

namespace probesweep::worker {
namespace {

// The paper's own estimator is always there.
InformationOptions OptionsOf(const AnalysisConfig& config) {
  std::vector<std::string> estimators = config.estimators;
  if (std::find(estimators.begin(), estimators.end(), "hsic") == estimators.end()) {
    estimators.push_back("hsic");
  }
  return {false, std::move(estimators), 0, 0};
}

class PaperProtocol : public Protocol {
 public:
  PaperProtocol(const ProtocolInput& input, const SurfaceBaseline& surface, const PaperSplit& split)
      : config_(input.config),
        statements_(*input.statements),
        surface_(surface),
        train_(statements_, split.train),
        validation_(statements_, split.validation),
        test_(statements_, split.test),
        information_(HsicOptionsOf(config_), OptionsOf(config_), train_.labels(), train_.groups()) {}

  absl::StatusOr<LayerAnalysis> AnalyseLayer(int64_t layer, const at::Tensor& representations,
                                             AnalysisStep step) override {
    LayerAnalysis analysis;
    ResultValues& values = analysis.values;
    AddCounts(statements_, 1, train_, test_, values);
    const at::Tensor train_rows = train_.Of(representations);
    const Standardized train = Standardize(train_rows);
    PS_ASSIGN_OR_RETURN(const Probe probe, FitProbeFor(config_, train.values, train_.labels()));
    KeepProbe(probe, train, analysis);
    const auto scores = [&](const RowSet& rows) {
      return ScoresOf(probe, train.Apply(rows.Of(representations)), rows.label_list());
    };
    AddProbeValues(probe, scores(test_), values);
    values["validation_accuracy"] = Mean(Correct(scores(validation_)));
    PS_RETURN_IF_ERROR(step());
    PS_RETURN_IF_ERROR(information_.Add(layer, train.values, step, values));
    values["activation_norm"] = ActivationNorm(representations);
    if (const std::optional<at::Tensor> vector = MeanDifference(train_rows, train_.labels())) {
      values["steering_norm"] = vector->norm().item<double>();
      analysis.steering_vector = *vector;
    }
    AddBaselineValues(train_, test_, surface_, values);
    return analysis;
  }

 private:
  const AnalysisConfig config_;
  const Statements& statements_;
  const SurfaceBaseline surface_;
  const RowSet train_, validation_, test_;
  InformationValues information_;
};

}  // namespace

absl::StatusOr<PaperSplit> PaperSplitOf(const ProtocolInput& input) {
  return SplitAsPaper(input.statements->labels, static_cast<uint64_t>(input.config.seed), input.dataset);
}

absl::StatusOr<std::unique_ptr<Protocol>> CreatePaperProtocol(const ProtocolInput& input,
                                                              const SurfaceBaselines& surface) {
  PS_ASSIGN_OR_RETURN(const PaperSplit split, PaperSplitOf(input));
  return std::make_unique<PaperProtocol>(input, surface.splits.at(0), split);
}

}  // namespace probesweep::worker
