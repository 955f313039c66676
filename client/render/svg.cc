#include "client/render/svg.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace probesweep::client {
namespace {

std::string Attribute(absl::string_view name, double value) {
  return absl::StrCat(" ", name, "=\"", SvgNumber(value), "\"");
}

}  // namespace

std::string XmlEscaped(absl::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return escaped;
}

std::string SvgNumber(double value) {
  std::string text = absl::StrFormat("%.2f", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

SvgWriter::SvgWriter(double width, double height, absl::string_view title) {
  document_ = absl::StrCat(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"",
      Attribute("width", width), Attribute("height", height), " viewBox=\"0 0 ", SvgNumber(width), " ",
      SvgNumber(height), "\" font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\">\n<title>",
      XmlEscaped(title),
      "</title>\n<defs><pattern id=\"no-data\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
      "patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" fill=\"#ececec\"/><line x1=\"0\" "
      "y1=\"0\" "
      "x2=\"0\" y2=\"6\" stroke=\"#b5b5b5\" stroke-width=\"2\"/></pattern></defs>\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
}

void SvgWriter::Rectangle(double x, double y, double width, double height, absl::string_view fill,
                          absl::string_view tooltip) {
  absl::StrAppend(&document_, "<rect", Attribute("x", x), Attribute("y", y), Attribute("width", width),
                  Attribute("height", height), " fill=\"", XmlEscaped(fill),
                  // Smoothed edges would leave pale seams between neighbours.
                  "\" shape-rendering=\"crispEdges\"");
  if (tooltip.empty()) {
    absl::StrAppend(&document_, "/>\n");
  } else {
    absl::StrAppend(&document_, "><title>", XmlEscaped(tooltip), "</title></rect>\n");
  }
}

void SvgWriter::Frame(double x, double y, double width, double height) {
  absl::StrAppend(&document_, "<rect", Attribute("x", x), Attribute("y", y), Attribute("width", width),
                  Attribute("height", height), " fill=\"none\" stroke=\"#222222\" stroke-width=\"1\"/>\n");
}

void SvgWriter::Line(double x1, double y1, double x2, double y2) {
  absl::StrAppend(&document_, "<line", Attribute("x1", x1), Attribute("y1", y1), Attribute("x2", x2),
                  Attribute("y2", y2), " stroke=\"#222222\" stroke-width=\"1\"/>\n");
}

void SvgWriter::Dot(double x, double y, double radius, absl::string_view fill) {
  absl::StrAppend(&document_, "<circle", Attribute("cx", x), Attribute("cy", y), Attribute("r", radius),
                  " fill=\"", XmlEscaped(fill), "\"/>\n");
}

void SvgWriter::Text(double x, double y, absl::string_view text, const SvgText& style) {
  absl::StrAppend(&document_, "<text", Attribute("x", x), Attribute("y", y),
                  Attribute("font-size", style.size), " text-anchor=\"", style.anchor, "\" fill=\"",
                  style.color, "\"");
  if (style.bold) absl::StrAppend(&document_, " font-weight=\"bold\"");
  if (style.rotation != 0) {
    absl::StrAppend(&document_, " transform=\"rotate(", SvgNumber(style.rotation), " ", SvgNumber(x), " ",
                    SvgNumber(y), ")\"");
  }
  absl::StrAppend(&document_, ">", XmlEscaped(text), "</text>\n");
}

std::string SvgWriter::Finish() { return std::move(document_ += "</svg>\n"); }

}  // namespace probesweep::client
