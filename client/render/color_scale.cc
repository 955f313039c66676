#include "client/render/color_scale.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"

namespace probesweep::client {
namespace {

constexpr double kChance = 0.5;

constexpr std::array<unsigned, 16> kViridis = {0x440154, 0x481a6c, 0x472f7d, 0x414487, 0x39568c, 0x31688e,
                                               0x2a788e, 0x23888e, 0x1f988b, 0x22a884, 0x35b779, 0x54c568,
                                               0x7ad151, 0xa5db36, 0xd2e21b, 0xfde725};

Rgb Unpack(unsigned color) {
  return {static_cast<int>(color >> 16), static_cast<int>(color >> 8 & 0xFF), static_cast<int>(color & 0xFF)};
}

int Mix(int a, int b, double share) { return static_cast<int>(std::lround(a + (b - a) * share)); }

// A control task is at chance, half the time below it: that is what its figures are to show.
bool IsScore(absl::string_view metric) {
  if (metric == "control_accuracy") return false;
  return absl::StrContains(metric, "accuracy") || absl::StrContains(metric, "auroc");
}

// The least of 1, 2, 2.5 and 5 times a power of ten that is at least `raw`.
double NiceStep(double raw) {
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 2.5, 5.0}) {
    if (factor * power >= raw * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

int DecimalsOf(double step) {
  for (int decimals = 0; decimals < 12; ++decimals) {
    const double scaled = step * std::pow(10.0, decimals);
    if (std::abs(scaled - std::round(scaled)) < 1e-6) return decimals;
  }
  return 12;
}

}  // namespace

Rgb Viridis(double fraction) {
  const double place = std::clamp(fraction, 0.0, 1.0) * (kViridis.size() - 1);
  const size_t below = std::min(static_cast<size_t>(place), kViridis.size() - 2);
  const Rgb a = Unpack(kViridis[below]);
  const Rgb b = Unpack(kViridis[below + 1]);
  const double share = place - static_cast<double>(below);
  return {Mix(a.red, b.red, share), Mix(a.green, b.green, share), Mix(a.blue, b.blue, share)};
}

std::string HexColor(Rgb color) {
  return absl::StrFormat("#%02x%02x%02x", color.red, color.green, color.blue);
}

int TerminalColor(Rgb color) {
  const auto level = [](int channel) {
    constexpr std::array<int, 6> kLevels = {0, 95, 135, 175, 215, 255};
    int nearest = 0;
    for (int i = 1; i < 6; ++i) {
      if (std::abs(kLevels[i] - channel) < std::abs(kLevels[nearest] - channel)) nearest = i;
    }
    return nearest;
  };
  return 16 + 36 * level(color.red) + 6 * level(color.green) + level(color.blue);
}

bool IsLight(Rgb color) { return 0.299 * color.red + 0.587 * color.green + 0.114 * color.blue > 128; }

double ColorScale::Fraction(double value) const {
  return high > low ? std::clamp((value - low) / (high - low), 0.0, 1.0) : 0.0;
}

std::string ColorScale::Label(double value) const { return absl::StrFormat("%.*f", decimals, value); }

ColorScale ScaleFor(absl::string_view metric, const std::vector<double>& values) {
  ColorScale scale;
  double low = values.empty() ? 0 : *std::min_element(values.begin(), values.end());
  double high = values.empty() ? 1 : *std::max_element(values.begin(), values.end());
  if (IsScore(metric)) {
    scale.clips_low = low < kChance;
    low = kChance;
    high = std::max(high, kChance + 0.05);
  }
  if (!(high > low)) {
    // One value only: give the scale a width that suits its size.
    const double margin = low == 0 ? 1 : std::abs(low) * 0.1;
    low -= margin;
    high += margin;
  }
  const double step = NiceStep((high - low) / 5);
  const auto first = static_cast<int64_t>(std::floor(low / step + 1e-9));
  const auto last = static_cast<int64_t>(std::ceil(high / step - 1e-9));
  for (int64_t i = first; i <= last; ++i) scale.ticks.push_back(static_cast<double>(i) * step);
  scale.low = scale.ticks.front();
  scale.high = scale.ticks.back();
  scale.decimals = IsScore(metric) ? std::max(2, DecimalsOf(step)) : DecimalsOf(step);
  return scale;
}

}  // namespace probesweep::client
