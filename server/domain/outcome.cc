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
#include "server/domain/sweep.h"
#include "server/domain/text.h"

namespace probesweep::server {

namespace {

// Of a text that a worker sent, in an error.
constexpr size_t kMaxShown = 80;
constexpr size_t kMaxProvenanceBytes = 4096;
// More than any model has; who draws a map makes room for all up to the last one.
constexpr int kMaxLayers = 10'000;
// Some kinds, and one of each layer.
constexpr size_t kMaxArtifacts = 2 * kMaxLayers;

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
    const std::string name = absl::StrCat("field `provenance.", field, "`");
    if (text->empty()) {
      return absl::InvalidArgumentError(absl::StrCat(name, " is empty; is the worker of another release?"));
    }
    PS_RETURN_IF_ERROR(CheckText(*text, kMaxProvenanceBytes, name));
  }
  return absl::OkStatus();
}

absl::Status CheckArtifacts(const std::vector<ArtifactRef>& artifacts) {
  if (artifacts.size() > kMaxArtifacts) return absl::InvalidArgumentError("more than 20000 artifacts");
  std::set<std::string> kinds;
  for (const ArtifactRef& artifact : artifacts) {
    // Kinds become parts of file names.
    if (!IsName(artifact.kind) || !IsDigest(artifact.digest) || artifact.size_bytes < 0) {
      return absl::InvalidArgumentError("an artifact without kind, digest or size");
    }
    if (!kinds.insert(artifact.kind).second) {
      return absl::InvalidArgumentError(absl::StrCat("two artifacts of the kind '", artifact.kind, "'"));
    }
  }
  return absl::OkStatus();
}

std::string RowName(const LayerRow& row) {
  return absl::StrCat("layer ", row.layer, ", protocol '", row.protocol.substr(0, kMaxShown), "'");
}

absl::Status ComputedFromAnother(absl::string_view field, absl::string_view sent, absl::string_view granted) {
  return absl::InvalidArgumentError(absl::StrCat(
      "field `provenance.", field, "` says '", sent.substr(0, kMaxShown), "', the task was granted with '",
      granted.substr(0, kMaxShown), "'; install the same release on the worker and the coordinator"));
}

bool SameNames(const ResultValues& a, const ResultValues& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& one, const auto& other) { return one.first == other.first; });
}

absl::Status CheckNames(const LayerRow& row) {
  for (const auto& [name, value] : row.values) {
    if (FindResultColumn(name) != nullptr) continue;
    return absl::InvalidArgumentError(absl::StrCat(RowName(row), ": '", name.substr(0, kMaxShown),
                                                   "' is no known value; is the worker newer?"));
  }
  return absl::OkStatus();
}

absl::Status CheckNumbers(const LayerRow& row) {
  for (const auto& [name, value] : row.values) {
    if (std::isfinite(value)) continue;
    return absl::InvalidArgumentError(absl::StrCat(RowName(row), ": ", name, " is not finite"));
  }
  return absl::OkStatus();
}

absl::Status CheckRows(const std::vector<LayerRow>& rows) {
  std::set<std::pair<int, absl::string_view>> seen;
  const LayerRow* before = nullptr;
  for (const LayerRow& row : rows) {
    if (row.layer < 0 || row.layer >= kMaxLayers || row.protocol.empty()) {
      return absl::InvalidArgumentError(RowName(row) + ": not a row's name");
    }
    if (!seen.emplace(row.layer, row.protocol).second) {
      return absl::InvalidArgumentError(RowName(row) + ": there twice");
    }
    // The rows of a protocol have the same values: most need not be looked up.
    if (before == nullptr || !SameNames(row.values, before->values)) PS_RETURN_IF_ERROR(CheckNames(row));
    PS_RETURN_IF_ERROR(CheckNumbers(row));
    before = &row;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Validate(const Outcome& outcome) {
  if (outcome.rows.empty()) return absl::InvalidArgumentError("the commit holds no result rows");
  PS_RETURN_IF_ERROR(CheckDigest(outcome.checkpoint_digest, "checkpoint_digest"));
  PS_RETURN_IF_ERROR(CheckProvenance(outcome.provenance));
  PS_RETURN_IF_ERROR(CheckRows(outcome.rows));
  return CheckArtifacts(outcome.artifacts);
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
