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

size_t CellWidth(const ResultGrid& grid, const ColorScale& scale) {
  size_t width = 3;
  for (int layer = 0; layer < grid.layers(); ++layer) {
    for (int i = 0; i < grid.checkpoints(); ++i) {
      if (const auto value = grid.Value(layer, i))
        width = std::max(width, DisplayWidth(Number(*value, scale)) + 3);
    }
  }
  size_t labels = 0;
  for (const std::string& label : grid.axis.labels) labels = std::max(labels, DisplayWidth(label) + 1);
  return std::max(width, std::min<size_t>(labels, 12));
}

// The checkpoints [begin, end) as a block of lines.
std::string Band(const ResultGrid& grid, const ColorScale& scale, bool color, size_t width, int begin,
                 int end) {
  constexpr size_t kMargin = 8;
  std::string text;
  for (int layer = grid.layers() - 1; layer >= 0; --layer) {
    text += PadLeft(absl::StrCat(layer == grid.layers() - 1 ? "layer " : "", layer, " "), kMargin + 1);
    for (int i = begin; i < end; ++i) text += CellText(grid.Value(layer, i), scale, color, width);
    absl::StripTrailingAsciiWhitespace(&text);
    text += "\n";
  }
  text += PadLeft("", kMargin + 1);
  for (int i = begin; i < end; ++i) {
    text += PadLeft(absl::StrCat(Truncated(grid.axis.labels[i], width - 1), " "), width);
  }
  absl::StripTrailingAsciiWhitespace(&text);
  return absl::StrCat(text, "\n", PadLeft("", kMargin + 1), grid.axis.title, " →\n");
}

}  // namespace

std::string HeatmapText(const ResultGrid& grid, const ColorScale& scale, const Terminal& terminal) {
  if (grid.layers() == 0) return "  no results yet\n";
  const size_t width = CellWidth(grid, scale);
  const int per_band = std::max(1, (terminal.width - 9) / static_cast<int>(width));
  std::string text;
  for (int begin = 0; begin < grid.checkpoints(); begin += per_band) {
    if (begin > 0) text += "\n";
    text += Band(grid, scale, terminal.color, width, begin, std::min(begin + per_band, grid.checkpoints()));
  }
  return text;
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
