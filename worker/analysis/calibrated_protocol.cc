#include "worker/analysis/calibrated_protocol.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "common/status.h"
#include "worker/analysis/control_task.h"
#include "worker/analysis/information_values.h"
#include "worker/analysis/permutations.h"
#include "worker/analysis/protocol_parts.h"
#include "worker/analysis/statistics.h"
#include "worker/analysis/steering_vector.h"

namespace probesweep::worker {
namespace {

constexpr double kTestShare = 0.2;

// One split, with what does not depend on the representations.
struct PlannedSplit {
  RowSet train, test;
  std::optional<ControlLabels> control;
  SurfaceBaseline surface;
  double test_share = 0;
};

// What the splits found of one layer; one entry per split that has the figure.
struct SplitFigures {
  std::vector<SplitFigure> accuracy, auroc, above_surface;
  std::vector<double> ece, coef_norm, intercept, control_accuracy, selectivity;
};

void AddMean(const char* column, const std::vector<double>& values, ResultValues& to) {
  if (!values.empty()) to[column] = Mean(values);
}

void AddInterval(const std::string& column, const std::optional<Interval>& interval, ResultValues& to) {
  if (!interval.has_value()) return;
  to[column + "_low"] = interval->low;
  to[column + "_high"] = interval->high;
}

void AddFigures(const SplitFigures& figures, ResultValues& values) {
  values["accuracy"] = MeanEstimate(figures.accuracy);
  AddInterval("accuracy", AccuracyInterval(figures.accuracy), values);
  if (!figures.auroc.empty()) {
    values["auroc"] = MeanEstimate(figures.auroc);
    AddInterval("auroc", AurocInterval(figures.auroc), values);
  }
  values["above_surface"] = MeanEstimate(figures.above_surface);
  AddInterval("above_surface", DifferenceInterval(figures.above_surface), values);
  AddMean("ece", figures.ece, values);
  AddMean("coef_norm", figures.coef_norm, values);
  AddMean("intercept", figures.intercept, values);
  AddMean("control_accuracy", figures.control_accuracy, values);
  AddMean("selectivity", figures.selectivity, values);
}

class CalibratedProtocol : public Protocol {
 public:
  CalibratedProtocol(const ProtocolInput& input, std::vector<PlannedSplit> splits)
      : config_(input.config),
        statements_(*input.statements),
        splits_(std::move(splits)),
        information_(HsicOptionsOf(config_), {true, config_.estimators, config_.permutations, config_.seed},
                     splits_[0].train.labels(), splits_[0].train.groups()),
        baselines_(Baselines()) {}

  absl::StatusOr<LayerAnalysis> AnalyseLayer(int64_t layer, const at::Tensor& representations,
                                             AnalysisStep step) override {
    LayerAnalysis analysis;
    analysis.values = baselines_;
    SplitFigures figures;
    for (size_t place = 0; place < splits_.size(); ++place) {
      const PlannedSplit& split = splits_[place];
      const Standardized train = Standardize(split.train.Of(representations));
      PS_ASSIGN_OR_RETURN(const Probe probe, FitSplit(split, train, representations, step, figures));
      if (place != 0) continue;
      KeepProbe(probe, train, analysis);
      analysis.values["iterations"] = probe.iterations;
      PS_RETURN_IF_ERROR(information_.Add(layer, train.values, step, analysis.values));
    }
    AddFigures(figures, analysis.values);
    AnalyseGeometry(representations, analysis);
    return analysis;
  }

 private:
  absl::StatusOr<Probe> FitSplit(const PlannedSplit& split, const Standardized& train,
                                 const at::Tensor& representations, AnalysisStep step,
                                 SplitFigures& figures) const {
    const at::Tensor test = train.Apply(split.test.Of(representations));
    PS_ASSIGN_OR_RETURN(Probe probe, FitProbeFor(config_, train.values, split.train.labels()));
    PS_RETURN_IF_ERROR(step());
    AddScores(split, ScoresOf(probe, test, split.test.label_list()), figures);
    figures.coef_norm.push_back(probe.weights.norm().item<double>());
    figures.intercept.push_back(probe.intercept);
    if (!split.control.has_value()) return probe;
    PS_ASSIGN_OR_RETURN(const Probe control, FitProbeFor(config_, train.values, split.control->train));
    PS_RETURN_IF_ERROR(step());
    figures.control_accuracy.push_back(Mean(Correct(ScoresOf(control, test, split.control->test))));
    figures.selectivity.push_back(figures.accuracy.back().estimate - figures.control_accuracy.back());
    return probe;
  }

  static void AddScores(const PlannedSplit& split, const TestScores& scores, SplitFigures& figures) {
    const std::vector<int64_t>& groups = split.test.groups();
    const std::vector<double> correct = Correct(scores);
    figures.accuracy.push_back(MeanFigure(correct, groups, split.test_share));
    if (auto auroc = AurocFigure(scores, groups, split.test_share)) {
      figures.auroc.push_back(*std::move(auroc));
    }
    std::vector<double> above = correct;
    for (size_t i = 0; i < above.size(); ++i) above[i] -= split.surface.correct[i] ? 1 : 0;
    figures.above_surface.push_back(MeanFigure(above, groups, split.test_share));
    figures.ece.push_back(ExpectedCalibrationError(scores));
  }

  // The columns that are the same for every layer and checkpoint.
  ResultValues Baselines() const {
    ResultValues values;
    AddCounts(statements_, static_cast<int64_t>(splits_.size()), splits_[0].train, splits_[0].test, values);
    std::vector<double> majority, surface_accuracy, surface_auroc;
    for (const PlannedSplit& split : splits_) {
      majority.push_back(MajorityAccuracy(split.train, split.test));
      surface_accuracy.push_back(split.surface.accuracy);
      if (split.surface.auroc.has_value()) surface_auroc.push_back(*split.surface.auroc);
    }
    AddMean("majority_accuracy", majority, values);
    AddMean("surface_accuracy", surface_accuracy, values);
    AddMean("surface_auroc", surface_auroc, values);
    return values;
  }

  // The first split's test rows play no part in its steering vector.
  void AnalyseGeometry(const at::Tensor& representations, LayerAnalysis& analysis) const {
    analysis.values["activation_norm"] = ActivationNorm(representations);
    const RowSet& train = splits_[0].train;
    const std::optional<SteeringVector> steering =
        FindSteeringVector(train.Of(representations), train.labels(), train.size());
    if (!steering.has_value()) return;
    analysis.values["steering_norm"] = steering->norm;
    analysis.steering_vector = steering->vector;
  }

  const AnalysisConfig config_;
  const Statements& statements_;
  const std::vector<PlannedSplit> splits_;
  InformationValues information_;
  const ResultValues baselines_;
};

}  // namespace

absl::StatusOr<std::vector<Split>> CalibratedSplits(const ProtocolInput& input) {
  std::vector<Split> splits;
  for (int64_t index = 0; index < input.config.splits; ++index) {
    PS_ASSIGN_OR_RETURN(Split split, GroupedSplit(*input.statements, kTestShare,
                                                  SplitSeed(input.config.seed, index), input.dataset));
    splits.push_back(std::move(split));
  }
  return splits;
}

absl::StatusOr<std::unique_ptr<Protocol>> CreateCalibratedProtocol(const ProtocolInput& input,
                                                                   const SurfaceBaselines& surface) {
  PS_ASSIGN_OR_RETURN(const std::vector<Split> splits, CalibratedSplits(input));
  const Statements& statements = *input.statements;
  const RowPermutations permutations(statements.groups);
  std::vector<PlannedSplit> planned;
  for (size_t place = 0; place < splits.size(); ++place) {
    const Split& split = splits[place];
    SeededRandom random(SplitSeed(input.config.seed, static_cast<int64_t>(place)), kControlTaskStream);
    planned.push_back(
        {RowSet(statements, split.train), RowSet(statements, split.test),
         DrawControlLabels(statements.labels, permutations, split, random), surface.splits.at(place),
         static_cast<double>(split.test.size()) / static_cast<double>(statements.labels.size())});
  }
  return std::make_unique<CalibratedProtocol>(input, std::move(planned));
}

}  // namespace probesweep::worker
