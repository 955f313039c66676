#include "worker/analysis/released_protocol.h"

#include <ATen/ATen.h>

#include <optional>
#include <utility>

#include "common/status.h"
#include "dataset/split.h"
#include "worker/analysis/information_values.h"
#include "worker/analysis/protocol_parts.h"
#include "worker/analysis/steering_vector.h"

namespace probesweep::worker {
namespace {

class ReleasedProtocol : public Protocol {
 public:
  ReleasedProtocol(const ProtocolInput& input, const SurfaceBaseline& surface, const Split& split)
      : config_(input.config),
        statements_(*input.statements),
        surface_(surface),
        all_(statements_, AllRows(statements_)),
        train_(statements_, split.train),
        test_(statements_, split.test),
        steering_rows_(static_cast<int64_t>(input.steering_share * static_cast<double>(all_.size()))),
        information_(HsicOptionsOf(config_), {true, config_.estimators, 0, 0}, train_.labels(),
                     train_.groups()) {}

  absl::StatusOr<LayerAnalysis> AnalyseLayer(int64_t layer, const at::Tensor& representations,
                                             AnalysisStep step) override {
    LayerAnalysis analysis;
    AddCounts(statements_, 1, train_, test_, analysis.values);
    {
      const Standardized standardized = Standardize(representations);
      PS_RETURN_IF_ERROR(AnalyseProbe(standardized, analysis));
      PS_RETURN_IF_ERROR(step());
      PS_RETURN_IF_ERROR(information_.Add(layer, TrainRows(standardized.values), step, analysis.values));
    }
    AnalyseGeometry(representations, analysis);
    AddBaselineValues(train_, test_, surface_, analysis.values);
    return analysis;
  }

 private:
  // The first rows of the file.
  at::Tensor TrainRows(const at::Tensor& all) const { return all.narrow(0, 0, train_.size()); }
  at::Tensor TestRows(const at::Tensor& all) const { return all.narrow(0, train_.size(), test_.size()); }

  absl::Status AnalyseProbe(const Standardized& standardized, LayerAnalysis& analysis) const {
    PS_ASSIGN_OR_RETURN(const Probe probe,
                        FitProbeFor(config_, TrainRows(standardized.values), train_.labels()));
    AddProbeValues(probe, ScoresOf(probe, TestRows(standardized.values), test_.label_list()),
                   analysis.values);
    KeepProbe(probe, standardized, analysis);
    return absl::OkStatus();
  }

  void AnalyseGeometry(const at::Tensor& representations, LayerAnalysis& analysis) const {
    analysis.values["activation_norm"] = ActivationNorm(representations);
    const std::optional<SteeringVector> steering =
        FindSteeringVector(representations, all_.labels(), steering_rows_);
    if (!steering.has_value()) return;
    analysis.values["steering_norm"] = steering->norm;
    analysis.steering_vector = steering->vector;
  }

  const AnalysisConfig config_;
  const Statements& statements_;
  const SurfaceBaseline surface_;
  const RowSet all_, train_, test_;
  const int64_t steering_rows_;
  InformationValues information_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Protocol>> CreateReleasedProtocol(const ProtocolInput& input,
                                                                 const SurfaceBaselines& surface) {
  PS_ASSIGN_OR_RETURN(const Split split, ReleasedSplit(input.statements->labels, input.dataset));
  return std::make_unique<ReleasedProtocol>(input, surface.splits.at(0), split);
}

}  // namespace probesweep::worker
