#include "server/domain/outcome.h"

#include <cmath>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/digest.h"

namespace probesweep::server {

namespace {

// Of a text that a worker sent, in an error.
constexpr size_t kMaxShown = 80;

}  // namespace

absl::Status Validate(const Outcome& outcome) {
  if (outcome.rows.empty()) return absl::InvalidArgumentError("the commit holds no result rows");
  if (!IsDigest(outcome.checkpoint_digest)) {
    return absl::InvalidArgumentError(
        absl::StrCat("field `checkpoint_digest`: '", outcome.checkpoint_digest.substr(0, kMaxShown),
                     "' is no content digest (64 lower-case hex digits); is the worker older?"));
  }
  std::set<std::pair<int, std::string>> seen;
  for (const LayerRow& row : outcome.rows) {
    const std::string where = absl::StrCat("layer ", row.layer, ", protocol '", row.protocol, "'");
    if (row.layer < 0 || row.protocol.empty())
      return absl::InvalidArgumentError(where + ": not a row's name");
    if (!seen.emplace(row.layer, row.protocol).second)
      return absl::InvalidArgumentError(where + ": there twice");
    for (const auto& [name, value] : row.values) {
      if (FindResultColumn(name) == nullptr) {
        return absl::InvalidArgumentError(
            absl::StrCat(where, ": '", name, "' is no known value; is the worker newer?"));
      }
      if (!std::isfinite(value))
        return absl::InvalidArgumentError(absl::StrCat(where, ": ", name, " is not finite"));
    }
  }
  for (const ArtifactRef& artifact : outcome.artifacts) {
    if (artifact.kind.empty() || !IsDigest(artifact.digest)) {
      return absl::InvalidArgumentError("an artifact without kind or digest");
    }
  }
  return absl::OkStatus();
}

}  // namespace probesweep::server
