#include "client/render/text.h"

#include "absl/strings/str_cat.h"

namespace probesweep::client {
namespace {

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

size_t DisplayWidth(absl::string_view text) {
  size_t width = 0;
  for (const char c : text) width += IsContinuation(c) ? 0 : 1;
  return width;
}

std::string Truncated(absl::string_view text, size_t width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  if (width == 0) return "";
  size_t end = 0;
  for (size_t kept = 0; end < text.size(); ++end) {
    if (!IsContinuation(text[end]) && ++kept == width) break;
  }
  return absl::StrCat(text.substr(0, end), "…");
}

std::string PadLeft(absl::string_view text, size_t width) {
  const size_t own = DisplayWidth(text);
  return absl::StrCat(std::string(own < width ? width - own : 0, ' '), text);
}

std::string PadRight(absl::string_view text, size_t width) {
  const size_t own = DisplayWidth(text);
  return absl::StrCat(text, std::string(own < width ? width - own : 0, ' '));
}

std::string ShortCount(int64_t count) {
  const struct {
    int64_t unit;
    const char* suffix;
  } units[] = {{1'000'000'000'000, "T"}, {1'000'000'000, "G"}, {1'000'000, "M"}, {1'000, "k"}};
  for (const auto& [unit, suffix] : units) {
    if (count < unit || count % (unit / 10) != 0) continue;
    const int64_t tenths = count / (unit / 10);
    return tenths % 10 == 0 ? absl::StrCat(tenths / 10, suffix)
                            : absl::StrCat(tenths / 10, ".", tenths % 10, suffix);
  }
  return absl::StrCat(count);
}

}  // namespace probesweep::client
