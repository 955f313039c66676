// What the protocols have in common.
#ifndef PROBESWEEP_WORKER_ANALYSIS_PROTOCOL_PARTS_H_
#define PROBESWEEP_WORKER_ANALYSIS_PROTOCOL_PARTS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "worker/analysis/logistic_probe.h"
#include "worker/analysis/protocol.h"
#include "worker/analysis/standardize.h"
#include "worker/analysis/statistics.h"

namespace probesweep::worker {

// Rows of a dataset, and what is known of them beside their representations.
class RowSet {
 public:
  RowSet(const Statements& statements, const std::vector<int64_t>& rows);

  // This set's rows of `all` [statements, …].
  at::Tensor Of(const at::Tensor& all) const { return all.index_select(0, index_); }

  int64_t size() const { return index_.size(0); }
  const at::Tensor& labels() const { return labels_; }  // fp64 [rows]
  const std::vector<int>& label_list() const { return label_list_; }
  const std::vector<int64_t>& groups() const { return groups_; }
  int64_t group_count() const;

 private:
  at::Tensor index_;  // int64 [rows]
  at::Tensor labels_;
  std::vector<int> label_list_;
  std::vector<int64_t> groups_;
};

// Every row.
std::vector<int64_t> AllRows(const Statements& statements);

// The columns n_rows to n_test_groups.
void AddCounts(const Statements& statements, int64_t splits, const RowSet& train, const RowSet& test,
               ResultValues& values);

// The probe that the configuration asks for. Errors: those of FitProbe.
absl::StatusOr<Probe> FitProbeFor(const AnalysisConfig& config, const at::Tensor& features,
                                  const at::Tensor& labels);

// The probe's scores of `features`, fp64 [rows, hidden], whose labels are `labels`.
TestScores ScoresOf(const Probe& probe, const at::Tensor& features, const std::vector<int>& labels);

// The share of test rows that always answering the train rows' commoner label gets right.
double MajorityAccuracy(const RowSet& train, const RowSet& test);

// Mean Euclidean norm over all rows. `representations`: [statements, hidden].
double ActivationNorm(const at::Tensor& representations);

// Columns of one probe on one split: accuracy, auroc, ece, coef_norm, intercept, iterations.
void AddProbeValues(const Probe& probe, const TestScores& test, ResultValues& values);
// Columns of the one split's baselines: majority_accuracy, surface_accuracy, surface_auroc, above_surface.
void AddBaselineValues(const RowSet& train, const RowSet& test, const SurfaceBaseline& surface,
                       ResultValues& values);

// Puts the probe in the layer's analysis, with what its features were standardised by.
void KeepProbe(const Probe& probe, const Standardized& features, LayerAnalysis& analysis);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ANALYSIS_PROTOCOL_PARTS_H_
