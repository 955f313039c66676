#include "dataset/surface_baseline.h"

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

}  // namespace

absl::StatusOr<SurfaceBaseline> FitSurfaceBaseline(const std::vector<std::string>& texts,
                                                   const std::vector<int>& labels, const Split& split) {
  if (split.test.empty()) return absl::InvalidArgumentError("surface baseline: there are no test rows");
  const SurfaceFeatures features = ExtractSurfaceFeatures(texts, split);
  const absl::StatusOr<LogisticModel> model = FitSparseLogistic(features.train, Take(labels, split.train));
  if (!model.ok()) return Annotate(model.status(), "surface baseline");
  const std::vector<double> scores = Scores(*model, features.test);
  const std::vector<int> truth = Take(labels, split.test);
  int64_t right = 0;
  for (size_t i = 0; i < scores.size(); ++i) right += (scores[i] > 0.0 ? 1 : 0) == truth[i] ? 1 : 0;
  return SurfaceBaseline{static_cast<double>(right) / static_cast<double>(scores.size()),
                         Auroc(scores, truth)};
}

}  // namespace probesweep
