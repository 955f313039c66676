// A small writer of SVG: well-formed by construction, every text escaped.
#ifndef PROBESWEEP_CLIENT_RENDER_SVG_H_
#define PROBESWEEP_CLIENT_RENDER_SVG_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace probesweep::client {

// Escapes &, <, > and quotes; characters that XML may not hold become spaces.
std::string XmlEscaped(absl::string_view text);

// At most two decimals, no trailing zeros: "12.5".
std::string SvgNumber(double value);

struct SvgText {
  double size = 12;              // px
  const char* anchor = "start";  // "start", "middle", "end"
  const char* color = "#222222";
  bool bold = false;
  double rotation = 0;  // degrees, about its own position
};

// Coordinates are in px, y downwards. Not thread-safe.
class SvgWriter {
 public:
  SvgWriter(double width, double height, absl::string_view title);

  void Rectangle(double x, double y, double width, double height, absl::string_view fill,
                 absl::string_view tooltip = "");
  void Frame(double x, double y, double width, double height);
  void Line(double x1, double y1, double x2, double y2);
  void Dot(double x, double y, double radius, absl::string_view fill);
  void Text(double x, double y, absl::string_view text, const SvgText& style);

  // The fill of cells without data: grey with oblique lines.
  static constexpr const char* kHatched = "url(#no-data)";

  // The whole document; the writer may only be destroyed afterwards.
  std::string Finish();

 private:
  std::string document_;
};

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_RENDER_SVG_H_
