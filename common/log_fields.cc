#include "common/log_fields.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "common/printable.h"

namespace probesweep {
namespace {

// Ids and names are far shorter; a stranger's is cut.
constexpr size_t kLongestValue = 200;

bool IsPlain(char c) {
  return absl::ascii_isgraph(static_cast<unsigned char>(c)) && c != '"' && c != '\\' && c != '=' && c != '|';
}

std::string ValueText(const std::string& value) {
  if (value.size() <= kLongestValue && std::all_of(value.begin(), value.end(), IsPlain)) return value;
  return absl::StrCat(
      "\"", absl::StrReplaceAll(Printable(value, kLongestValue), {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

}  // namespace

std::string LogFields(std::initializer_list<LogField> fields) {
  std::string text;
  for (const LogField& field : fields) {
    if (field.value.empty()) continue;
    absl::StrAppend(&text, text.empty() ? " | " : " ", field.name, "=", ValueText(field.value));
  }
  return text;
}

}  // namespace probesweep
