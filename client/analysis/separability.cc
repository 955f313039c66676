#include "client/analysis/separability.h"

#include <algorithm>

namespace probesweep::client {
namespace {

// The interval about `value`, each side `factor` times as long.
Interval Widened(double value, const Interval& interval, double factor) {
  return {value - factor * (value - interval.low), value + factor * (interval.high - value)};
}

}  // namespace

Margin MarginOf(const LayerScores& scores, int layers) {
  const double z = NormalHalfWidth(layers);
  const double factor = z / NormalHalfWidth(1);
  const Interval accuracy = scores.accuracy_interval
                                ? Widened(scores.accuracy, *scores.accuracy_interval, factor)
                                : WilsonInterval(scores.accuracy, scores.rows, z);
  const double above = scores.accuracy - scores.surface;
  const Interval above_surface = scores.above_surface_interval
                                     ? Widened(above, *scores.above_surface_interval, factor)
                                     : DifferenceInterval(scores.accuracy, scores.surface, scores.rows, z);
  Margin margin;
  margin.layer = scores.layer;
  margin.value = std::min(above, scores.accuracy - scores.majority);
  margin.interval = {std::min(above_surface.low, accuracy.low - scores.majority),
                     std::min(above_surface.high, accuracy.high - scores.majority)};
  return margin;
}

CheckpointStanding Judge(const std::vector<LayerScores>& layers) {
  std::vector<Margin> margins;
  for (const LayerScores& scores : layers)
    margins.push_back(MarginOf(scores, static_cast<int>(layers.size())));
  CheckpointStanding result;
  result.best = *std::max_element(margins.begin(), margins.end(), [](const Margin& a, const Margin& b) {
    return a.interval.low < b.interval.low;
  });
  const bool excluded = std::all_of(margins.begin(), margins.end(),
                                    [](const Margin& margin) { return margin.interval.high <= 0; });
  result.standing = result.best.interval.low > 0 ? Standing::kSeparable
                    : excluded                   ? Standing::kExcluded
                                                 : Standing::kUndecided;
  return result;
}

Onset FindOnset(const std::vector<std::optional<CheckpointStanding>>& checkpoints) {
  Onset onset;
  for (int i = 0; i < static_cast<int>(checkpoints.size()); ++i) {
    const auto& checkpoint = checkpoints[static_cast<size_t>(i)];
    if (!checkpoint) continue;
    if (checkpoint->standing != Standing::kExcluded && !onset.earliest) onset.earliest = i;
    if (checkpoint->standing != Standing::kSeparable) onset.first.reset();
    if (checkpoint->standing == Standing::kSeparable && !onset.first) onset.first = i;
  }
  return onset;
}

}  // namespace probesweep::client
