#include "dataset/surface_baseline.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "common/status.h"
#include "dataset/auroc.h"
#include "dataset/sparse_logistic.h"
#include "dataset/surface_features.h"

namespace probesweep {
namespace {

std::vector<int> Take(const std::vector<int>& labels, const std::vector<int64_t>& rows) {
  std::vector<int> taken;
  taken.reserve(rows.size());
  for (const int64_t row : rows) taken.push_back(labels[static_cast<size_t>(row)]);
  return taken;
}

absl::StatusOr<SurfaceBaseline> FitBaseline(const SurfaceFeatures& features, const std::vector<int>& labels,
                                            const Split& split) {
  const absl::StatusOr<LogisticModel> model = FitSparseLogistic(features.train, Take(labels, split.train));
  if (!model.ok()) return Annotate(model.status(), "surface baseline");
  const std::vector<double> scores = Scores(*model, features.test);
  const std::vector<int> truth = Take(labels, split.test);
  SurfaceBaseline baseline;
  for (size_t i = 0; i < scores.size(); ++i) baseline.correct.push_back((scores[i] > 0.0) == (truth[i] == 1));
  const auto right = std::count(baseline.correct.begin(), baseline.correct.end(), true);
  baseline.accuracy = static_cast<double>(right) / static_cast<double>(scores.size());
  baseline.auroc = Auroc(scores, truth);
  return baseline;
}

absl::Status CheckTestRows(const Split& split) {
  return split.test.empty() ? absl::InvalidArgumentError("surface baseline: there are no test rows")
                            : absl::OkStatus();
}

}  // namespace

absl::StatusOr<SurfaceBaseline> FitSurfaceBaseline(const std::vector<std::string>& texts,
                                                   const std::vector<int>& labels, const Split& split) {
  PS_RETURN_IF_ERROR(CheckTestRows(split));
  return FitBaseline(ExtractSurfaceFeatures(texts, split), labels, split);
}

absl::StatusOr<SurfaceBaseline> FitShapeBaseline(const std::vector<std::string>& texts,
                                                 const std::vector<int>& labels, const Split& split) {
  PS_RETURN_IF_ERROR(CheckTestRows(split));
  return FitBaseline(ExtractShapeFeatures(texts, split), labels, split);
}

}  // namespace probesweep
