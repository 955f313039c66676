#include "server/domain/outcome.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/digest.h"
#include "common/status.h"

namespace probesweep::server {

namespace {

// Of a text that a worker sent, in an error.
constexpr size_t kMaxShown = 80;
constexpr size_t kMaxProvenanceBytes = 4096;

absl::Status CheckDigest(const std::string& digest, absl::string_view field) {
  if (IsDigest(digest)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("field `", field, "`: '", digest.substr(0, kMaxShown),
                   "' is no content digest (64 lower-case hex digits); is the worker older?"));
}

absl::Status CheckProvenance(const Provenance& provenance) {
  PS_RETURN_IF_ERROR(CheckDigest(provenance.tokenizer_digest, "provenance.tokenizer_digest"));
  PS_RETURN_IF_ERROR(CheckDigest(provenance.dataset_digest, "provenance.dataset_digest"));
  const std::pair<const char*, const std::string*> texts[] = {{"configuration", &provenance.configuration},
                                                              {"engine_version", &provenance.engine_version},
                                                              {"device", &provenance.device},
                                                              {"dtype", &provenance.dtype}};
  for (const auto& [field, text] : texts) {
    if (!text->empty() && text->size() <= kMaxProvenanceBytes) continue;
    return absl::InvalidArgumentError(absl::StrCat("field `provenance.", field, "` is ",
                                                   text->empty() ? "empty" : "longer than 4096 bytes",
                                                   "; is the worker of another release?"));
  }
  return absl::OkStatus();
}

absl::Status ComputedFromAnother(absl::string_view field, absl::string_view sent, absl::string_view granted) {
  return absl::InvalidArgumentError(absl::StrCat(
      "field `provenance.", field, "` says '", sent.substr(0, kMaxShown), "', the task was granted with '",
      granted.substr(0, kMaxShown), "'; install the same release on the worker and the coordinator"));
}

}  // namespace

absl::Status Validate(const Outcome& outcome) {
  if (outcome.rows.empty()) return absl::InvalidArgumentError("the commit holds no result rows");
  PS_RETURN_IF_ERROR(CheckDigest(outcome.checkpoint_digest, "checkpoint_digest"));
  PS_RETURN_IF_ERROR(CheckProvenance(outcome.provenance));
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

absl::Status CheckComputedFrom(const Provenance& provenance, absl::string_view dataset_digest,
                               const AnalysisConfig& analysis) {
  if (provenance.dataset_digest != dataset_digest) {
    return ComputedFromAnother("dataset_digest", provenance.dataset_digest, dataset_digest);
  }
  const std::string canonical = analysis.Canonical();
  if (provenance.configuration == canonical) return absl::OkStatus();
  // The line is long: only the first setting that differs is shown.
  const std::vector<std::string> sent = absl::StrSplit(provenance.configuration, ';');
  const std::vector<std::string> granted = absl::StrSplit(canonical, ';');
  const auto [ours, theirs] = std::mismatch(granted.begin(), granted.end(), sent.begin(), sent.end());
  return ComputedFromAnother("configuration", theirs == sent.end() ? "" : *theirs,
                             ours == granted.end() ? "" : *ours);
}

std::string RowsDigest(const Outcome& outcome) {
  std::vector<const LayerRow*> rows;
  for (const LayerRow& row : outcome.rows) rows.push_back(&row);
  std::sort(rows.begin(), rows.end(), [](const LayerRow* a, const LayerRow* b) {
    return std::tie(a->layer, a->protocol) < std::tie(b->layer, b->protocol);
  });
  Sha256 digest;
  for (const LayerRow* row : rows) {
    digest.UpdateField(absl::StrCat(row->layer)).UpdateField(row->protocol);
    digest.UpdateField(absl::StrCat(row->values.size()));
    for (const auto& [name, value] : row->values) {
      uint64_t bits = 0;
      std::memcpy(&bits, &value, sizeof bits);
      digest.UpdateField(name).UpdateField(absl::StrCat(absl::Hex(bits)));
    }
  }
  return digest.Hex();
}

}  // namespace probesweep::server
