#include "server/domain/text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/printable.h"
#include "common/unicode.h"

namespace probesweep::server {
namespace {

// Of the text, in the error.
constexpr size_t kMaxShown = 80;

}  // namespace

absl::Status CheckText(absl::string_view text, size_t longest, absl::string_view field) {
  if (text.size() > longest) {
    return absl::InvalidArgumentError(absl::StrCat(field, ": is longer than ", longest, " bytes"));
  }
  if (FindInvalidUtf8(text) != absl::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": '", Printable(ReplaceInvalidUtf8(text), kMaxShown), "' is no UTF-8"));
  }
  if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_iscntrl(c); })) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": '", Printable(text, kMaxShown), "' holds a line break or control character"));
  }
  return absl::OkStatus();
}

}  // namespace probesweep::server
