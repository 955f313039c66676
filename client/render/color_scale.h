// From a value to a colour: a domain, and a perceptually uniform colour map over it.
#ifndef PROBESWEEP_CLIENT_RENDER_COLOR_SCALE_H_
#define PROBESWEEP_CLIENT_RENDER_COLOR_SCALE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace probesweep::client {

struct Rgb {
  int red = 0;
  int green = 0;
  int blue = 0;
};

// Matplotlib's viridis (CC0): dark blue at 0, yellow at 1; monotone in lightness, so it survives grey print.
Rgb Viridis(double fraction);

// "#rrggbb".
std::string HexColor(Rgb color);

// The nearest colour of the 6 × 6 × 6 cube of 256-colour terminals.
int TerminalColor(Rgb color);

// Whether black text reads better than white on this colour.
bool IsLight(Rgb color);

// The values that a figure's colours span, with ticks that read well.
struct ColorScale {
  double low = 0;
  double high = 1;
  bool clips_low = false;  // there are values below `low`; they take its colour
  int decimals = 2;        // enough to tell the ticks apart
  std::vector<double> ticks;

  double Fraction(double value) const;  // in [0, 1]
  std::string Label(double value) const;
};

// A scale that every value of one metric shares, over all panels of a figure. A score between chance and
// certainty (accuracy, auroc and their baselines) starts at 0.5: what is below chance is no finding. Others
// span what there is.
ColorScale ScaleFor(absl::string_view metric, const std::vector<double>& values);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_RENDER_COLOR_SCALE_H_
