// Heatmaps in a terminal.
#ifndef PROBESWEEP_CLIENT_RENDER_HEATMAP_H_
#define PROBESWEEP_CLIENT_RENDER_HEATMAP_H_

#include <optional>
#include <string>
#include <vector>

#include "client/render/color_scale.h"
#include "client/render/result_grid.h"
#include "client/render/terminal.h"

namespace probesweep::client {

// A matrix to be shown: rows from top to bottom, columns from left to right.
struct HeatmapCells {
  std::string row_title;  // before the first row's label
  std::vector<std::string> row_labels;
  std::string column_title;
  std::vector<std::string> column_labels;
  std::vector<std::vector<std::optional<double>>> values;  // [row][column]
};

// With colours each cell is a coloured number; without them a block shades it. Columns that do not fit the
// width go on in a further band below. "--": no value.
std::string HeatmapText(const HeatmapCells& cells, const ColorScale& scale, const Terminal& terminal);

// A grid: the last layer at the top, training from left to right.
std::string HeatmapText(const ResultGrid& grid, const ColorScale& scale, const Terminal& terminal);

// One line that explains colours or blocks.
std::string HeatmapLegend(const std::string& metric, const ColorScale& scale, const Terminal& terminal);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_RENDER_HEATMAP_H_
