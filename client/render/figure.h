// The figure of a sweep: one panel for each dimension, layer × checkpoint, one colour scale for all.
#ifndef PROBESWEEP_CLIENT_RENDER_FIGURE_H_
#define PROBESWEEP_CLIENT_RENDER_FIGURE_H_

#include <string>
#include <vector>

#include "client/render/result_grid.h"

namespace probesweep::client {

// An SVG document, readable without the sweep: titles, axis titles, colour bar with its metric. Cells without
// a value are hatched; where the metric has a surface baseline, cells that are not above it carry a dot. The
// same grids give the same bytes.
std::string FigureSvg(const std::vector<ResultGrid>& grids, const std::string& model);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_RENDER_FIGURE_H_
