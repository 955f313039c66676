#include "client/cli/artifact_differences.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/sweep_artifacts.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

// Dimension first: artifacts are fetched dimension by dimension.
struct ArtifactKey {
  std::string dimension, checkpoint, kind;
  bool operator<(const ArtifactKey& other) const {
    return std::tie(dimension, checkpoint, kind) < std::tie(other.dimension, other.checkpoint, other.kind);
  }
};
using Digests = std::map<ArtifactKey, std::string>;
using Cells = std::set<std::pair<std::string, std::string>>;  // checkpoint and dimension

Cells CellsOf(const ResultSet& rows) {
  Cells cells;
  for (const auto& [key, entry] : rows.rows) cells.emplace(key.checkpoint, key.dimension);
  return cells;
}

absl::StatusOr<Digests> DigestsOf(const v1::Sweep& sweep, const Cells& cells, Client& client) {
  PS_ASSIGN_OR_RETURN(const std::vector<v1::Artifact> artifacts, client.ListArtifacts(sweep.id()));
  Digests digests;
  for (const v1::Artifact& artifact : artifacts) {
    if (cells.count({artifact.checkpoint(), artifact.dimension()}) == 0) continue;
    digests[{artifact.dimension(), artifact.checkpoint(), artifact.kind()}] = artifact.digest();
  }
  return digests;
}

// The artifacts of one side, of one dimension at a time.
class Side {
 public:
  Side(const v1::Sweep& sweep, Client* client) : sweep_(sweep), client_(client) {}

  absl::StatusOr<std::string> Fetch(const ArtifactKey& key) {
    if (!artifacts_ || dimension_ != key.dimension) {
      PS_ASSIGN_OR_RETURN(artifacts_, SweepArtifacts::Open(sweep_, key.dimension, client_));
      dimension_ = key.dimension;
    }
    PS_ASSIGN_OR_RETURN(const std::optional<ArtifactFile> file, artifacts_->Fetch(key.kind, key.checkpoint));
    if (file) return file->path();
    return absl::NotFoundError(absl::StrCat("artifact ", key.kind, " of ", key.checkpoint, ", ",
                                            key.dimension, " of sweep ", sweep_.id(),
                                            " is gone; was the sweep deleted?"));
  }
  void Drop(const ArtifactKey& key) { artifacts_->Drop(key.kind, key.checkpoint); }

 private:
  const v1::Sweep& sweep_;
  Client* const client_;
  std::string dimension_;
  std::optional<SweepArtifacts> artifacts_;
};

void AddDifference(const ArtifactKey& key, TensorDifference tensor, ArtifactComparison& comparison) {
  comparison.differences.push_back({key.checkpoint, key.dimension, key.kind, std::move(tensor)});
}

absl::Status CompareFiles(const ArtifactKey& key, Side& a, Side& b, double tolerance,
                          ArtifactComparison& comparison) {
  PS_ASSIGN_OR_RETURN(const std::string path_a, a.Fetch(key));
  PS_ASSIGN_OR_RETURN(const std::string path_b, b.Fetch(key));
  PS_ASSIGN_OR_RETURN(std::vector<TensorDifference> differences, CompareTensors(path_a, path_b, tolerance));
  for (TensorDifference& difference : differences) AddDifference(key, std::move(difference), comparison);
  a.Drop(key);
  b.Drop(key);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ArtifactComparison> CompareArtifacts(const ComparedSweep& a, const ComparedSweep& b,
                                                    double tolerance, Client* client) {
  const Cells cells_a = CellsOf(a.rows), cells_b = CellsOf(b.rows);
  Cells both;
  std::set_intersection(cells_a.begin(), cells_a.end(), cells_b.begin(), cells_b.end(),
                        std::inserter(both, both.end()));
  PS_ASSIGN_OR_RETURN(const Digests digests_a, DigestsOf(a.sweep, both, *client));
  PS_ASSIGN_OR_RETURN(const Digests digests_b, DigestsOf(b.sweep, both, *client));
  Side side_a(a.sweep, client), side_b(b.sweep, client);
  ArtifactComparison comparison;
  for (const auto& [key, digest] : digests_a) {
    const auto other = digests_b.find(key);
    if (other == digests_b.end()) {
      AddDifference(key, {"", "there", "(none)"}, comparison);
      continue;
    }
    ++comparison.artifacts;
    if (other->second != digest) PS_RETURN_IF_ERROR(CompareFiles(key, side_a, side_b, tolerance, comparison));
  }
  for (const auto& [key, digest] : digests_b) {
    if (digests_a.count(key) == 0) AddDifference(key, {"", "(none)", "there"}, comparison);
  }
  std::stable_sort(comparison.differences.begin(), comparison.differences.end(),
                   [](const ArtifactDifference& x, const ArtifactDifference& y) {
                     return x.tensor.excess > y.tensor.excess;
                   });
  return comparison;
}

}  // namespace probesweep::client
