#include "dataset/import/python_bytes.h"

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/unicode.h"

namespace probesweep {
namespace {

// Appends what the escape at the start of `text`, a backslash, stands for. Returns its length, or 0 for one
// that repr() does not make.
size_t AppendEscape(absl::string_view text, std::string* bytes) {
  if (text.size() < 2) return 0;
  constexpr absl::string_view kNames = "\\'\"nrt";
  constexpr absl::string_view kValues = "\\'\"\n\r\t";
  const size_t known = kNames.find(text[1]);
  if (known != absl::string_view::npos) {
    bytes->push_back(kValues[known]);
    return 2;
  }
  const bool hex =
      text.size() >= 4 && text[1] == 'x' && absl::ascii_isxdigit(text[2]) && absl::ascii_isxdigit(text[3]);
  if (!hex) return 0;
  absl::StrAppend(bytes, absl::HexStringToBytes(text.substr(2, 2)));
  return 4;
}

}  // namespace

bool IsPythonBytes(absl::string_view text) {
  return text.size() >= 3 && text[0] == 'b' && (text[1] == '\'' || text[1] == '"') && text.back() == text[1];
}

absl::StatusOr<std::string> DecodePythonBytes(absl::string_view literal) {
  const char quote = literal[1];
  const absl::string_view inside = literal.substr(2, literal.size() - 3);
  std::string bytes;
  for (size_t i = 0; i < inside.size();) {
    if (inside[i] == quote) {
      return absl::InvalidArgumentError(
          absl::StrCat("has a quote (", std::string(1, quote), ") in its midst"));
    }
    if (inside[i] != '\\') {
      bytes.push_back(inside[i++]);
      continue;
    }
    const size_t length = AppendEscape(inside.substr(i), &bytes);
    if (length == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("has the escape '", inside.substr(i, 2), "', which Python does not write"));
    }
    i += length;
  }
  if (FindInvalidUtf8(bytes) == absl::string_view::npos) return bytes;
  return absl::InvalidArgumentError("stands for bytes that are not UTF-8");
}

}  // namespace probesweep
