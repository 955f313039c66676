#include "client/render/figure_panel.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/render/text.h"

namespace probesweep::client {
namespace {

constexpr double kCharacterWidth = 0.62;  // of the type size, about, in a sans serif
constexpr size_t kLongestLabel = 16;      // characters of a checkpoint's label
constexpr double kSlant = -45;

size_t LongestLabel(const CheckpointAxis& axis) {
  size_t longest = 1;
  for (const std::string& label : axis.labels) longest = std::max(longest, DisplayWidth(label));
  return std::min(longest, kLongestLabel);
}

// Which of `count` ticks are labelled when each label needs `needed` px of `available`: evenly spaced from
// the first one on, and the last one always, for it says where the axis ends.
std::vector<int> LabelledTicks(int count, double needed, double available) {
  const int stride = std::max(1, static_cast<int>(std::ceil(needed * count / available)));
  std::vector<int> ticks;
  for (int i = 0; i < count; i += stride) ticks.push_back(i);
  if (ticks.back() == count - 1) return ticks;
  if (count - 1 - ticks.back() < stride && ticks.size() > 1) ticks.pop_back();
  ticks.push_back(count - 1);
  return ticks;
}

double LabelSpace(size_t characters) {
  return (static_cast<double>(characters) + 1) * kTickSize * kCharacterWidth;
}

// The first baseline value found: it is the same for all cells of a dimension's split.
std::optional<double> AnyValue(const ResultGrid& grid, absl::string_view column) {
  for (const auto& layer : grid.rows) {
    for (const v1::ResultRow* row : layer) {
      if (row == nullptr) continue;
      if (const std::optional<double> value = ValueOf(*row, column)) return value;
    }
  }
  return std::nullopt;
}

// A column whose value a metric must beat.
struct Baseline {
  const char* name;
  const char* column;
};

std::vector<Baseline> BaselinesOf(absl::string_view metric) {
  if (metric == "accuracy") return {{"surface", "surface_accuracy"}, {"majority", "majority_accuracy"}};
  if (metric == "auroc") return {{"surface", "surface_auroc"}};
  return {};
}

std::string BaselineText(const ResultGrid& grid) {
  std::string text;
  for (const Baseline& baseline : BaselinesOf(grid.metric)) {
    const std::optional<double> value = AnyValue(grid, baseline.column);
    if (value)
      absl::StrAppend(&text, text.empty() ? "" : ", ", baseline.name, absl::StrFormat(" %.2f", *value));
  }
  return text;
}

struct Area {
  double x, y, width, height;
};

void DrawCells(const ResultGrid& grid, const ColorScale& scale, const Area& area, SvgWriter& svg) {
  const double width = area.width / grid.checkpoints();
  const double height = area.height / grid.layers();
  for (int layer = 0; layer < grid.layers(); ++layer) {
    for (int i = 0; i < grid.checkpoints(); ++i) {
      const std::optional<double> value = grid.Value(layer, i);
      const double x = area.x + i * width;
      const double y = area.y + (grid.layers() - 1 - layer) * height;
      const std::string place = absl::StrCat(grid.axis.names[i], ", layer ", layer, ": ");
      if (!value) {
        svg.Rectangle(x, y, width, height, SvgWriter::kHatched, place + "no value");
        continue;
      }
      const Rgb color = Viridis(scale.Fraction(*value));
      svg.Rectangle(x, y, width, height, HexColor(color),
                    absl::StrCat(place, absl::StrFormat("%.4g", *value)));
      if (NotAboveBaselines(grid, layer, i)) {
        svg.Dot(x + width / 2, y + height / 2, std::min({2.0, width / 5, height / 5}),
                IsLight(color) ? "#000000" : "#ffffff");
      }
    }
  }
}

void DrawLayerAxis(const ResultGrid& grid, const Area& area, SvgWriter& svg) {
  const double height = area.height / grid.layers();
  for (const int layer : LabelledTicks(grid.layers(), kTickSize * 1.3, area.height)) {
    const double y = area.y + (grid.layers() - 0.5 - layer) * height;
    svg.Line(area.x - 4, y, area.x, y);
    svg.Text(area.x - 7, y + kTickSize * 0.36, absl::StrCat(layer), {kTickSize, "end"});
  }
  SvgText title{kAxisTitleSize, "middle"};
  title.rotation = -90;
  svg.Text(area.x - 34, area.y + area.height / 2, "layer", title);
}

void DrawCheckpointAxis(const ResultGrid& grid, const PanelLayout& layout, const Area& area, SvgWriter& svg) {
  const double width = area.width / grid.checkpoints();
  const double needed = layout.slanted ? kTickSize * 1.3 : LabelSpace(LongestLabel(grid.axis));
  const double y = area.y + area.height;
  for (const int i : LabelledTicks(grid.checkpoints(), needed, area.width)) {
    const double x = area.x + (i + 0.5) * width;
    svg.Line(x, y, x, y + 4);
    SvgText style{kTickSize, layout.slanted ? "end" : "middle"};
    style.rotation = layout.slanted ? kSlant : 0;
    const double drop = layout.slanted ? 12 : 17;
    svg.Text(x + (layout.slanted ? 3 : 0), y + drop, Truncated(grid.axis.labels[i], kLongestLabel), style);
  }
  svg.Text(area.x + area.width / 2, y + layout.bottom - 8, grid.axis.title, {kAxisTitleSize, "middle"});
}

}  // namespace

PanelLayout LayoutFor(const std::vector<ResultGrid>& grids) {
  int checkpoints = 1;
  int layers = 1;
  size_t label = 1;
  for (const ResultGrid& grid : grids) {
    checkpoints = std::max(checkpoints, grid.checkpoints());
    layers = std::max(layers, grid.layers());
    label = std::max(label, LongestLabel(grid.axis));
  }
  PanelLayout layout;
  // Steps in short form fit side by side or are thinned out; names of folders are slanted.
  layout.slanted = label > 5;
  const double cell = layout.slanted ? 28 : std::max(28.0, LabelSpace(label));
  layout.width = std::clamp(checkpoints * cell, 180.0, 340.0);
  layout.height = std::clamp(layers * 24.0, 120.0, 260.0);
  const double depth = layout.slanted ? label * kTickSize * kCharacterWidth * 0.71 + 16 : 22;
  layout.bottom = depth + kAxisTitleSize + 12;
  return layout;
}

bool NotAboveBaselines(const ResultGrid& grid, int layer, int checkpoint) {
  const std::optional<double> value = grid.Value(layer, checkpoint);
  if (!value) return false;
  for (const Baseline& baseline : BaselinesOf(grid.metric)) {
    const std::optional<double> bar = ValueOf(*grid.rows[layer][checkpoint], baseline.column);
    if (bar && *value <= *bar) return true;
  }
  return false;
}

void DrawPanel(const ResultGrid& grid, const ColorScale& scale, const PanelLayout& layout, double x, double y,
               SvgWriter& svg) {
  const Area area{x + layout.left, y + layout.top, layout.width, layout.height};
  SvgText title{kPanelTitleSize, "start"};
  title.bold = true;
  svg.Text(area.x, y + 18, Truncated(grid.dimension, static_cast<size_t>(layout.width / 9)), title);
  svg.Text(area.x, y + 37, BaselineText(grid), {kTickSize, "start", "#555555"});
  if (grid.layers() == 0) {
    svg.Rectangle(area.x, area.y, area.width, area.height, SvgWriter::kHatched);
    svg.Text(area.x + area.width / 2, area.y + area.height / 2, "no results yet", {kAxisTitleSize, "middle"});
  } else {
    DrawCells(grid, scale, area, svg);
    DrawLayerAxis(grid, area, svg);
    DrawCheckpointAxis(grid, layout, area, svg);
  }
  svg.Frame(area.x, area.y, area.width, area.height);
}

}  // namespace probesweep::client
