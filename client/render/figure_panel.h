// One panel of the figure: its size and how it is drawn.
#ifndef PROBESWEEP_CLIENT_RENDER_FIGURE_PANEL_H_
#define PROBESWEEP_CLIENT_RENDER_FIGURE_PANEL_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "client/render/color_scale.h"
#include "client/render/result_grid.h"
#include "client/render/svg.h"

namespace probesweep::client {

// Type sizes in px; a figure set at half its width in a two-column paper keeps them above 6 pt.
inline constexpr double kPanelTitleSize = 15;
inline constexpr double kAxisTitleSize = 13;
inline constexpr double kTickSize = 12;

// What the panels of one figure share.
struct PanelLayout {
  double width = 0;  // of the cells' area
  double height = 0;
  double left = 52;      // for the layers' axis
  double top = 48;       // for the titles
  double bottom = 0;     // for the checkpoints' axis: deep enough for slanted labels
  bool slanted = false;  // the checkpoints' labels
};

// Sized so that cells are neither tiny nor huge for the largest of the grids.
PanelLayout LayoutFor(const std::vector<ResultGrid>& grids);

// Whether the cell has a value and is not above one of the baselines that its metric must beat.
bool NotAboveBaselines(const ResultGrid& grid, int layer, int checkpoint);

// Draws the grid with the upper left corner of its whole panel, axes included, at (x, y).
void DrawPanel(const ResultGrid& grid, const ColorScale& scale, const PanelLayout& layout, double x, double y,
               SvgWriter& svg);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_RENDER_FIGURE_PANEL_H_
