#include "client/render/heatmap.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "client/render/text.h"

namespace probesweep::client {
namespace {

constexpr std::array<const char*, 5> kBlocks = {" ", "░", "▒", "▓", "█"};

// A score's leading zero says nothing: ".93".
std::string Number(double value, const ColorScale& scale) {
  std::string number = scale.Label(value);
  return number.size() > 2 && number[0] == '0' ? number.substr(1) : number;
}

std::string Block(double fraction) {
  return kBlocks[std::min<size_t>(static_cast<size_t>(fraction * kBlocks.size()), kBlocks.size() - 1)];
}

std::string Colored(double fraction, const std::string& text) {
  const Rgb color = Viridis(fraction);
  return absl::StrFormat("\x1b[48;5;%d;38;5;%dm%s\x1b[0m", TerminalColor(color), IsLight(color) ? 16 : 231,
                         text);
}

// `width` columns, a space before the next cell included.
std::string CellText(std::optional<double> value, const ColorScale& scale, bool color, size_t width) {
  if (!value) return PadLeft("-- ", width);
  const double fraction = scale.Fraction(*value);
  const std::string number = Number(*value, scale);
  if (color) return Colored(fraction, PadLeft(absl::StrCat(number, " "), width));
  return PadLeft(absl::StrCat(Block(fraction), Block(fraction), number, " "), width);
}

size_t CellWidth(const HeatmapCells& cells, const ColorScale& scale) {
  size_t width = 3;
  for (const auto& row : cells.values) {
    for (const std::optional<double>& value : row) {
      if (value) width = std::max(width, DisplayWidth(Number(*value, scale)) + 3);
    }
  }
  size_t labels = 0;
  for (const std::string& label : cells.column_labels) labels = std::max(labels, DisplayWidth(label) + 1);
  return std::max(width, std::min<size_t>(labels, 12));
}

std::string RowLabel(const HeatmapCells& cells, size_t row) {
  constexpr size_t kLongest = 24;
  return absl::StrCat(row == 0 ? cells.row_title : "", row == 0 ? " " : "",
                      Truncated(cells.row_labels[row], kLongest), " ");
}

size_t MarginWidth(const HeatmapCells& cells) {
  size_t width = 9;
  for (size_t row = 0; row < cells.row_labels.size(); ++row) {
    width = std::max(width, DisplayWidth(RowLabel(cells, row)));
  }
  return width;
}

// The columns [begin, end) as a block of lines.
std::string Band(const HeatmapCells& cells, const ColorScale& scale, bool color, size_t width, size_t begin,
                 size_t end) {
  const size_t margin = MarginWidth(cells);
  std::string text;
  for (size_t row = 0; row < cells.values.size(); ++row) {
    text += PadLeft(RowLabel(cells, row), margin);
    for (size_t i = begin; i < end; ++i) text += CellText(cells.values[row][i], scale, color, width);
    absl::StripTrailingAsciiWhitespace(&text);
    text += "\n";
  }
  text += PadLeft("", margin);
  for (size_t i = begin; i < end; ++i) {
    text += PadLeft(absl::StrCat(Truncated(cells.column_labels[i], width - 1), " "), width);
  }
  absl::StripTrailingAsciiWhitespace(&text);
  return absl::StrCat(text, "\n", PadLeft("", margin), cells.column_title, " →\n");
}

}  // namespace

std::string HeatmapText(const HeatmapCells& cells, const ColorScale& scale, const Terminal& terminal) {
  const size_t width = CellWidth(cells, scale);
  const int room = terminal.width - static_cast<int>(MarginWidth(cells));
  const auto per_band = static_cast<size_t>(std::max(1, room / static_cast<int>(width)));
  const size_t columns = cells.column_labels.size();
  std::string text;
  for (size_t begin = 0; begin < columns; begin += per_band) {
    if (begin > 0) text += "\n";
    text += Band(cells, scale, terminal.color, width, begin, std::min(begin + per_band, columns));
  }
  return text;
}

std::string HeatmapText(const ResultGrid& grid, const ColorScale& scale, const Terminal& terminal) {
  if (grid.layers() == 0) return "  no results yet\n";
  HeatmapCells cells{"layer", {}, grid.axis.title, grid.axis.labels, {}};
  for (int layer = grid.layers() - 1; layer >= 0; --layer) {
    cells.row_labels.push_back(absl::StrCat(layer));
    auto& values = cells.values.emplace_back();
    for (int i = 0; i < grid.checkpoints(); ++i) values.push_back(grid.Value(layer, i));
  }
  return HeatmapText(cells, scale, terminal);
}

std::string HeatmapLegend(const std::string& metric, const ColorScale& scale, const Terminal& terminal) {
  std::string ramp;
  for (int i = 0; i < 20; ++i) {
    const double fraction = (i + 0.5) / 20;
    ramp += terminal.color ? Colored(fraction, " ") : Block(fraction);
  }
  return absl::StrCat(metric, "  ", scale.clips_low ? "≤ " : "", scale.Label(scale.low), " ", ramp, " ",
                      scale.Label(scale.high), "   (--: no value)\n");
}

}  // namespace probesweep::client
