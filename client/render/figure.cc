#include "client/render/figure.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/render/figure_panel.h"

namespace probesweep::client {
namespace {

constexpr double kMargin = 16;
constexpr double kTitleHeight = 34;
constexpr double kGap = 22;       // between panels
constexpr double kBarArea = 108;  // for the colour bar with its labels
constexpr double kBarWidth = 16;
constexpr double kNoteHeight = 26;
constexpr int kBarSlices = 128;

// The metric as an axis title, with its unit.
std::string MetricTitle(absl::string_view metric) {
  const struct {
    absl::string_view metric;
    const char* title;
  } titles[] = {{"accuracy", "probe accuracy (test rows)"},
                {"auroc", "probe AUROC (test rows)"},
                {"above_surface", "probe accuracy minus surface baseline's"},
                {"selectivity", "probe accuracy minus control task's"},
                {"mi_tx", "I(T;X) (normalised HSIC)"},
                {"mi_ty", "I(T;Y) (normalised HSIC)"},
                {"mi_tx_corrected", "I(T;X) above its null (normalised HSIC)"},
                {"mi_ty_corrected", "I(T;Y) above its null (normalised HSIC)"},
                {"steering_norm", "length of the steering vector (activation units)"},
                {"activation_norm", "mean activation norm (activation units)"},
                {"coef_norm", "norm of the probe's weights"}};
  for (const auto& known : titles) {
    if (known.metric == metric) return known.title;
  }
  return std::string(metric);
}

void DrawColorBar(const ColorScale& scale, const std::string& metric, double x, double y, double height,
                  SvgWriter& svg) {
  for (int i = 0; i < kBarSlices; ++i) {
    // A little overlap, or viewers show seams.
    const double slice = height / kBarSlices;
    svg.Rectangle(x, y + height - (i + 1) * slice, kBarWidth, slice + (i > 0 ? 0.5 : 0),
                  HexColor(Viridis((i + 0.5) / kBarSlices)));
  }
  svg.Frame(x, y, kBarWidth, height);
  for (size_t i = 0; i < scale.ticks.size(); ++i) {
    const double tick_y = y + height * (1 - scale.Fraction(scale.ticks[i]));
    svg.Line(x + kBarWidth, tick_y, x + kBarWidth + 4, tick_y);
    const std::string label = absl::StrCat(i == 0 && scale.clips_low ? "≤" : "", scale.Label(scale.ticks[i]));
    svg.Text(x + kBarWidth + 8, tick_y + kTickSize * 0.36, label, {kTickSize, "start"});
  }
  SvgText title{kAxisTitleSize, "middle"};
  title.rotation = -90;
  svg.Text(x + kBarWidth + 66, y + height / 2, MetricTitle(metric), title);
}

// What the marks mean that this figure shows.
std::vector<std::string> Notes(const std::vector<ResultGrid>& grids) {
  bool gaps = false;
  bool dots = false;
  for (const ResultGrid& grid : grids) {
    gaps = gaps || grid.layers() == 0 || grid.HasGaps();
    for (int layer = 0; layer < grid.layers(); ++layer) {
      for (int i = 0; i < grid.checkpoints(); ++i) dots = dots || NotAboveBaselines(grid, layer, i);
    }
  }
  std::vector<std::string> notes;
  if (dots) notes.push_back("dot: not above the baselines");
  if (gaps) notes.push_back("hatched: no value");
  return notes;
}

}  // namespace

std::string FigureSvg(const std::vector<ResultGrid>& grids, const std::string& model) {
  const PanelLayout layout = LayoutFor(grids);
  const int count = std::max<int>(1, static_cast<int>(grids.size()));
  // Four panels look better as two by two than as three and one.
  const int columns = count == 4 ? 2 : std::min(count, 3);
  const int lines = (count + columns - 1) / columns;
  const double panel_width = layout.left + layout.width + kGap;
  const double panel_height = layout.top + layout.height + layout.bottom;
  const ColorScale scale = SharedScale(grids);
  const std::vector<std::string> notes = Notes(grids);
  const double width = 2 * kMargin + columns * panel_width + kBarArea;
  const double height = 2 * kMargin + kTitleHeight + lines * panel_height + (notes.empty() ? 0 : kNoteHeight);
  const std::string protocol = grids.empty() ? "" : grids[0].protocol;
  const std::string metric = grids.empty() ? "" : grids[0].metric;
  const std::string heading = absl::StrCat(model, protocol.empty() ? "" : ", protocol ", protocol);
  SvgWriter svg(width, height, absl::StrCat(heading, ": ", MetricTitle(metric), " by layer and checkpoint"));
  svg.Text(kMargin + layout.left, kMargin + 16, heading, {kPanelTitleSize, "start"});
  for (size_t i = 0; i < grids.size(); ++i) {
    const auto place = static_cast<int>(i);
    DrawPanel(grids[i], scale, layout, kMargin + place % columns * panel_width,
              kMargin + kTitleHeight + place / columns * panel_height, svg);
  }
  DrawColorBar(scale, metric, kMargin + columns * panel_width + 8, kMargin + kTitleHeight + layout.top,
               std::max(layout.height, lines * panel_height - layout.top - layout.bottom), svg);
  for (size_t i = 0; i < notes.size(); ++i) {
    svg.Text(kMargin + layout.left + static_cast<double>(i) * 300, height - kMargin, notes[i],
             {kTickSize, "start", "#555555"});
  }
  return svg.Finish();
}

}  // namespace probesweep::client
