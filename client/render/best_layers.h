// Which layers show a trait best, with what a probe must beat beside them.
#ifndef PROBESWEEP_CLIENT_RENDER_BEST_LAYERS_H_
#define PROBESWEEP_CLIENT_RENDER_BEST_LAYERS_H_

#include <string>
#include <vector>

#include "client/render/result_grid.h"

namespace probesweep::client {

// For each grid its best cell, and the best layer of its last checkpoint with results when that is another
// one. Beside the accuracy stand the surface baseline's (and how far the probe is above it), and the
// majority's; where there are such columns, the 95 % interval of what is above the baseline, the selectivity
// and the calibration error.
std::string BestLayersText(const std::vector<ResultGrid>& grids);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_RENDER_BEST_LAYERS_H_
