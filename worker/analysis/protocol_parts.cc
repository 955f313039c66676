#include "worker/analysis/protocol_parts.h"

#include <ATen/ATen.h>

#include <numeric>
#include <set>

#include "dataset/auroc.h"

namespace probesweep::worker {
namespace {

int64_t CountDistinct(const std::vector<int64_t>& groups) {
  return static_cast<int64_t>(std::set<int64_t>(groups.begin(), groups.end()).size());
}

}  // namespace

RowSet::RowSet(const Statements& statements, const std::vector<int64_t>& rows)
    : index_(at::tensor(rows, at::kLong)) {
  std::vector<double> labels;
  for (const int64_t row : rows) {
    const auto place = static_cast<size_t>(row);
    label_list_.push_back(statements.labels[place]);
    labels.push_back(statements.labels[place]);
    groups_.push_back(statements.groups[place]);
  }
  labels_ = at::tensor(labels, at::kDouble);
}

int64_t RowSet::group_count() const { return CountDistinct(groups_); }

std::vector<int64_t> AllRows(const Statements& statements) {
  std::vector<int64_t> rows(statements.labels.size());
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

void AddCounts(const Statements& statements, int64_t splits, const RowSet& train, const RowSet& test,
               ResultValues& values) {
  values["n_rows"] = static_cast<double>(statements.labels.size());
  values["n_groups"] = static_cast<double>(CountDistinct(statements.groups));
  values["n_splits"] = static_cast<double>(splits);
  values["n_train"] = static_cast<double>(train.size());
  values["n_test"] = static_cast<double>(test.size());
  values["n_train_groups"] = static_cast<double>(train.group_count());
  values["n_test_groups"] = static_cast<double>(test.group_count());
}

absl::StatusOr<Probe> FitProbeFor(const AnalysisConfig& config, const at::Tensor& features,
                                  const at::Tensor& labels) {
  return FitProbe(features, labels, config.probe_c, config.solver);
}

TestScores ScoresOf(const Probe& probe, const at::Tensor& features, const std::vector<int>& labels) {
  const at::Tensor logits = probe.Logits(features).contiguous();
  const double* scores = logits.data_ptr<double>();
  return {{scores, scores + logits.size(0)}, labels};
}

double MajorityAccuracy(const RowSet& train, const RowSet& test) {
  const double answer = train.labels().mean().item<double>() >= 0.5 ? 1.0 : 0.0;
  return test.labels().eq(answer).to(at::kDouble).mean().item<double>();
}

double ActivationNorm(const at::Tensor& representations) {
  return at::norm(representations.to(at::kDouble), 2, 1).mean().item<double>();
}

void AddProbeValues(const Probe& probe, const TestScores& test, ResultValues& values) {
  values["accuracy"] = Mean(Correct(test));
  if (const auto auroc = Auroc(test.scores, test.labels)) values["auroc"] = *auroc;
  values["ece"] = ExpectedCalibrationError(test);
  values["coef_norm"] = probe.weights.norm().item<double>();
  values["intercept"] = probe.intercept;
  values["iterations"] = probe.iterations;
}

void AddBaselineValues(const RowSet& train, const RowSet& test, const SurfaceBaseline& surface,
                       ResultValues& values) {
  values["majority_accuracy"] = MajorityAccuracy(train, test);
  values["surface_accuracy"] = surface.accuracy;
  if (surface.auroc.has_value()) values["surface_auroc"] = *surface.auroc;
  values["above_surface"] = values["accuracy"] - surface.accuracy;
}

void KeepProbe(const Probe& probe, const Standardized& features, LayerAnalysis& analysis) {
  analysis.probe_weights = probe.weights;
  analysis.probe_mean = features.mean;
  analysis.probe_scale = features.scale.masked_fill(features.scale.eq(0), 1.0);
  analysis.probe_intercept = probe.intercept;
}

}  // namespace probesweep::worker
