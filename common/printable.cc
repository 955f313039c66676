#include "common/printable.h"

#include <cstdint>

#include "absl/strings/str_cat.h"

namespace probesweep {
namespace {

bool Continues(char byte) { return (static_cast<uint8_t>(byte) & 0xC0) == 0x80; }  // within a UTF-8 character

void AppendEscaped(absl::string_view text, std::string* out) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    // U+0080 to U+009F are control characters too; in UTF-8 they begin with C2.
    const bool of_two = byte == 0xC2 && i + 1 < text.size() && static_cast<uint8_t>(text[i + 1]) < 0xA0;
    if (byte >= 0x20 && byte != 0x7F && !of_two) {
      out->push_back(text[i]);
    } else {
      absl::StrAppend(out, "\\x", absl::Hex(of_two ? text[++i] & 0xFF : byte, absl::kZeroPad2));
    }
  }
}

}  // namespace

std::string Printable(absl::string_view text, size_t longest) {
  std::string shown;
  if (text.size() <= longest) {
    AppendEscaped(text, &shown);
    return shown;
  }
  size_t head = longest / 2;
  size_t tail = text.size() - longest / 2;
  while (head > 0 && Continues(text[head])) --head;
  while (tail < text.size() && Continues(text[tail])) ++tail;
  AppendEscaped(text.substr(0, head), &shown);
  shown += "…";
  AppendEscaped(text.substr(tail), &shown);
  return shown;
}

}  // namespace probesweep
