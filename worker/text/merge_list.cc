#include "worker/text/merge_list.h"

#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status.h"

namespace probesweep::worker {
namespace {

constexpr size_t kLengthBits = 7;  // in a byte; the eighth says that more follow
constexpr uint8_t kMoreFollow = 1 << kLengthBits;

// Takes a token and its length off the front of `bytes`.
absl::string_view TakeToken(absl::string_view* bytes) {
  size_t length = 0;
  for (size_t shift = 0;; shift += kLengthBits) {
    const auto byte = static_cast<uint8_t>(bytes->front());
    bytes->remove_prefix(1);
    length |= static_cast<size_t>(byte & (kMoreFollow - 1)) << shift;
    if (byte < kMoreFollow) break;
  }
  const absl::string_view token = bytes->substr(0, length);
  bytes->remove_prefix(length);
  return token;
}

}  // namespace

void MergeList::Add(absl::string_view left, absl::string_view right) {
  if (!fault_.empty()) return;
  Append(left);
  Append(right);
  ++size_;
}

void MergeList::AddLine(absl::string_view line) {
  if (absl::StartsWith(line, "#version")) return;
  const size_t space = line.find(' ');
  if (space == absl::string_view::npos || line.find(' ', space + 1) != absl::string_view::npos) {
    return RefuseNext();
  }
  Add(line.substr(0, space), line.substr(space + 1));
}

void MergeList::RefuseNext() {
  if (fault_.empty()) fault_ = absl::StrCat("merge ", size_, " must be two tokens");
}

void MergeList::Append(absl::string_view token) {
  size_t length = token.size();
  for (; length >= kMoreFollow; length >>= kLengthBits) {
    tokens_ += static_cast<char>(kMoreFollow | (length & (kMoreFollow - 1)));
  }
  tokens_ += static_cast<char>(length);
  tokens_.append(token.data(), token.size());
}

absl::Status MergeList::ForEach(
    absl::FunctionRef<absl::Status(absl::string_view left, absl::string_view right)> visit) const {
  for (absl::string_view rest = tokens_; !rest.empty();) {
    const absl::string_view left = TakeToken(&rest);
    const absl::string_view right = TakeToken(&rest);
    PS_RETURN_IF_ERROR(visit(left, right));
  }
  return absl::OkStatus();
}

}  // namespace probesweep::worker
