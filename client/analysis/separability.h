// From which checkpoint on a dimension is separable: on some layer the probe beats what words and lengths
// alone achieve (docs/cross-checkpoint.md has the rule and why).
#ifndef PROBESWEEP_CLIENT_ANALYSIS_SEPARABILITY_H_
#define PROBESWEEP_CLIENT_ANALYSIS_SEPARABILITY_H_

#include <optional>
#include <vector>

#include "client/analysis/interval.h"

namespace probesweep::client {

// What a result row says of one layer.
struct LayerScores {
  int layer = 0;
  double rows = 0;  // test rows
  double accuracy = 0;
  double surface = 0;   // accuracy of the surface baseline
  double majority = 0;  // accuracy of the commoner label
  // 95 % intervals, where the protocol gives them.
  std::optional<Interval> accuracy_interval;
  std::optional<Interval> above_surface_interval;
};

// How far a layer's accuracy is above the better of its two baselines.
struct Margin {
  int layer = 0;
  double value = 0;
  Interval interval;
};

// Its interval is the lower of the two differences' at each end: the layer is above both baselines only when
// it is above each. One of `layers` intervals that hold all together at 95 %: those of the row are widened as
// normal ones; where the row has none they are Wilson's and Newcombe's, as of independent rows. `layers` is
// at least 1.
Margin MarginOf(const LayerScores& scores, int layers);

enum class Standing {
  kExcluded,   // on no layer: every interval ends at 0 or below
  kUndecided,  // neither
  kSeparable,  // on some layer: an interval begins above 0
};

struct CheckpointStanding {
  Standing standing = Standing::kUndecided;
  Margin best;  // of the highest lower end; the lower layer wins a tie
};

// `layers` is not empty.
CheckpointStanding Judge(const std::vector<LayerScores>& layers);

// Places in training order.
struct Onset {
  // The first checkpoint from which on every one is separable: shown at 97.5 %.
  std::optional<int> first;
  // The first checkpoint at which separability cannot be excluded: the true onset is not earlier, at 97.5 %.
  std::optional<int> earliest;
};

// One entry for each checkpoint; none where there are no results: such a checkpoint says nothing.
Onset FindOnset(const std::vector<std::optional<CheckpointStanding>>& checkpoints);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_ANALYSIS_SEPARABILITY_H_
