#include "worker/analysis/released_protocol.h"

#include <ATen/ATen.h>

#include <cmath>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "common/status.h"
#include "dataset/auroc.h"
#include "worker/analysis/hsic.h"
#include "worker/analysis/logistic_probe.h"
#include "worker/analysis/standardize.h"
#include "worker/analysis/steering_vector.h"
#include "dataset/split.h"

namespace probesweep::worker {
namespace {

// The share of `labels` that always answering the commoner label of `train` gets right.
double MajorityAccuracy(const at::Tensor& train, const at::Tensor& test) {
  const double answer = train.mean().item<double>() >= 0.5 ? 1.0 : 0.0;
  return test.eq(answer).to(at::kDouble).mean().item<double>();
}

class ReleasedProtocol : public Protocol {
 public:
  ReleasedProtocol(const ProtocolInput& input, const SurfaceBaseline& surface, int64_t train_rows)
      : config_(input.config),
        hsic_{input.config.hsic_sigma, input.config.hsic_epsilon},
        surface_(surface),
        train_rows_(train_rows),
        test_labels_(input.statements->labels.begin() + train_rows, input.statements->labels.end()) {
    const std::vector<double> labels(input.statements->labels.begin(), input.statements->labels.end());
    labels_ = at::tensor(labels, at::kDouble);
    steering_rows_ = static_cast<int64_t>(input.steering_share * static_cast<double>(labels.size()));
  }

  absl::StatusOr<LayerAnalysis> AnalyseLayer(int64_t layer, const at::Tensor& representations) override {
    LayerAnalysis analysis;
    analysis.values["n_train"] = static_cast<double>(train_rows_);
    analysis.values["n_test"] = static_cast<double>(test_labels_.size());
    const Standardized standardized = Standardize(representations);
    PS_RETURN_IF_ERROR(AnalyseProbe(standardized, analysis));
    PS_RETURN_IF_ERROR(
        AnalyseInformation(layer, standardized.values.narrow(0, 0, train_rows_), analysis.values));
    AnalyseGeometry(representations, analysis);
    AddBaselines(analysis.values);
    return analysis;
  }

 private:
  int64_t test_rows() const { return static_cast<int64_t>(test_labels_.size()); }
  at::Tensor TrainLabels() const { return labels_.narrow(0, 0, train_rows_); }
  at::Tensor TestLabels() const { return labels_.narrow(0, train_rows_, test_rows()); }

  absl::Status AnalyseProbe(const Standardized& standardized, LayerAnalysis& analysis) const {
    PS_ASSIGN_OR_RETURN(const Probe probe, FitLogisticProbe(standardized.values.narrow(0, 0, train_rows_),
                                                            TrainLabels(), config_.probe_c));
    const at::Tensor logits =
        probe.Logits(standardized.values.narrow(0, train_rows_, test_rows())).contiguous();
    const at::Tensor correct = logits.gt(0).eq(TestLabels().gt(0.5));
    ResultValues& values = analysis.values;
    values["accuracy"] = correct.to(at::kDouble).mean().item<double>();
    const double* scores = logits.data_ptr<double>();
    if (const auto auroc = Auroc({scores, scores + logits.size(0)}, test_labels_)) values["auroc"] = *auroc;
    values["coef_norm"] = probe.weights.norm().item<double>();
    values["intercept"] = probe.intercept;
    values["iterations"] = probe.iterations;
    analysis.probe_weights = probe.weights;
    analysis.probe_mean = standardized.mean;
    analysis.probe_scale = standardized.scale.masked_fill(standardized.scale.eq(0), 1.0);
    analysis.probe_intercept = probe.intercept;
    return absl::OkStatus();
  }

  absl::Status AnalyseInformation(int64_t layer, const at::Tensor& train, ResultValues& values) {
    PS_ASSIGN_OR_RETURN(KernelInverse kernel, InvertKernel(train, hsic_));
    values["mi_ty"] = LabelInformation(kernel, TrainLabels(), hsic_);
    values["mi_tx"] = MutualInformation(layer == 0 ? kernel : first_layer_, kernel);
    if (layer == 0) first_layer_ = std::move(kernel);
    return absl::OkStatus();
  }

  void AnalyseGeometry(const at::Tensor& representations, LayerAnalysis& analysis) const {
    analysis.values["activation_norm"] =
        at::norm(representations.to(at::kDouble), 2, 1).mean().item<double>();
    const std::optional<SteeringVector> steering =
        FindSteeringVector(representations, labels_, steering_rows_);
    if (!steering.has_value()) return;
    analysis.values["steering_norm"] = steering->norm;
    analysis.steering_vector = steering->vector;
  }

  void AddBaselines(ResultValues& values) const {
    values["majority_accuracy"] = MajorityAccuracy(TrainLabels(), TestLabels());
    values["surface_accuracy"] = surface_.accuracy;
    if (surface_.auroc.has_value()) values["surface_auroc"] = *surface_.auroc;
  }

  const AnalysisConfig config_;
  const HsicOptions hsic_;
  const SurfaceBaseline surface_;
  const int64_t train_rows_;
  const std::vector<int> test_labels_;
  at::Tensor labels_;  // fp64 [statements]
  int64_t steering_rows_ = 0;
  KernelInverse first_layer_;  // X of the mutual information
};

}  // namespace

absl::StatusOr<std::unique_ptr<Protocol>> CreateReleasedProtocol(const ProtocolInput& input,
                                                                 const SurfaceBaseline& surface) {
  PS_ASSIGN_OR_RETURN(const Split split, ReleasedSplit(input.statements->labels, input.dataset));
  // The train rows are the first ones of the file.
  return std::make_unique<ReleasedProtocol>(input, surface, static_cast<int64_t>(split.train.size()));
}

}  // namespace probesweep::worker
