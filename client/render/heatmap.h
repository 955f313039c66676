// A heatmap layer × checkpoint in a terminal.
#ifndef PROBESWEEP_CLIENT_RENDER_HEATMAP_H_
#define PROBESWEEP_CLIENT_RENDER_HEATMAP_H_

#include <string>

#include "client/render/color_scale.h"
#include "client/render/result_grid.h"
#include "client/render/terminal.h"

namespace probesweep::client {

// The last layer at the top, training from left to right. With colours each cell is a coloured number;
// without them a block shades it. Checkpoints that do not fit the width go on in a further band below. "--":
// no value.
std::string HeatmapText(const ResultGrid& grid, const ColorScale& scale, const Terminal& terminal);

// One line that explains colours or blocks.
std::string HeatmapLegend(const std::string& metric, const ColorScale& scale, const Terminal& terminal);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_RENDER_HEATMAP_H_
