#include "client/render/result_grid.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/render/text.h"
#include "common/edit_distance.h"
#include "common/printable.h"
#include "common/result_columns.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

absl::Status CheckKnown(absl::string_view kind, const std::string& name,
                        const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), name) != known.end()) return absl::OkStatus();
  const std::string nearest = NearestName(name, known);
  return absl::InvalidArgumentError(absl::StrCat(
      "no ", kind, " '", name, "'", nearest.empty() ? "" : absl::StrCat("; did you mean '", nearest, "'?"),
      nearest.empty() ? "; there are: " : " There are: ", absl::StrJoin(known, ", ")));
}

CheckpointAxis AxisOf(const v1::Sweep& sweep) {
  CheckpointAxis axis;
  const auto& checkpoints = sweep.checkpoints();
  const auto all = [&](auto has) { return std::all_of(checkpoints.begin(), checkpoints.end(), has); };
  const bool steps = all([](const v1::Checkpoint& c) { return c.has_step(); });
  const bool tokens = !steps && all([](const v1::Checkpoint& c) { return c.has_tokens(); });
  axis.title = steps ? "training step" : tokens ? "training tokens" : "checkpoint";
  for (const v1::Checkpoint& checkpoint : checkpoints) {
    axis.names.push_back(checkpoint.name());
    axis.labels.push_back(steps    ? ShortCount(checkpoint.step())
                          : tokens ? ShortCount(checkpoint.tokens())
                                   : Printable(checkpoint.name()));
  }
  return axis;
}

absl::Status CheckSelection(const v1::Sweep& sweep, const GridSelection& selection) {
  std::vector<std::string> metrics;
  for (const ResultColumn& column : ResultColumns()) metrics.push_back(column.name);
  PS_RETURN_IF_ERROR(CheckKnown("metric", selection.metric, metrics));
  std::vector<std::string> dimensions;
  for (const v1::Dimension& dimension : sweep.spec().dimensions()) dimensions.push_back(dimension.name());
  for (const std::string& dimension : selection.dimensions) {
    PS_RETURN_IF_ERROR(CheckKnown("dimension", dimension, dimensions));
  }
  if (selection.protocol.empty()) return absl::OkStatus();
  const auto& protocols = sweep.spec().analysis().protocols();
  return CheckKnown("protocol", selection.protocol, {protocols.begin(), protocols.end()});
}

bool Selected(const GridSelection& selection, const std::string& dimension) {
  const auto& chosen = selection.dimensions;
  return chosen.empty() || std::find(chosen.begin(), chosen.end(), dimension) != chosen.end();
}

}  // namespace

bool LessIsBetter(absl::string_view metric) { return metric == "ece" || absl::EndsWith(metric, "_p"); }

std::optional<double> ValueOf(const v1::ResultRow& row, absl::string_view column) {
  const auto found = row.values().find(std::string(column));
  if (found == row.values().end()) return std::nullopt;
  return found->second;
}

std::optional<double> ResultGrid::Value(int layer, int checkpoint) const {
  const v1::ResultRow* row = rows[layer][checkpoint];
  return row == nullptr ? std::nullopt : ValueOf(*row, metric);
}

bool ResultGrid::HasGaps() const {
  for (int layer = 0; layer < layers(); ++layer) {
    for (int checkpoint = 0; checkpoint < checkpoints(); ++checkpoint) {
      if (!Value(layer, checkpoint)) return true;
    }
  }
  return false;
}

std::optional<Cell> BestCell(const ResultGrid& grid, int first_checkpoint) {
  std::optional<Cell> best;
  const bool least = LessIsBetter(grid.metric);
  for (int checkpoint = first_checkpoint; checkpoint < grid.checkpoints(); ++checkpoint) {
    for (int layer = 0; layer < grid.layers(); ++layer) {
      const std::optional<double> value = grid.Value(layer, checkpoint);
      if (!value) continue;
      const std::optional<double> former = best ? grid.Value(best->layer, best->checkpoint) : std::nullopt;
      if (!former || (least ? *value < *former : *value > *former)) best = Cell{layer, checkpoint};
    }
  }
  return best;
}

absl::StatusOr<std::vector<ResultGrid>> MakeGrids(const v1::Sweep& sweep,
                                                  const std::vector<v1::ResultRow>& rows,
                                                  const GridSelection& selection) {
  PS_RETURN_IF_ERROR(CheckSelection(sweep, selection));
  const auto& protocols = sweep.spec().analysis().protocols();
  std::string protocol = selection.protocol;
  if (protocol.empty() && !protocols.empty()) {
    // What is reported beside it may be the method's own doing: show what is corrected.
    const bool calibrated = std::find(protocols.begin(), protocols.end(), "calibrated") != protocols.end();
    protocol = calibrated ? "calibrated" : protocols[0];
  }
  std::vector<ResultGrid> grids;
  std::map<std::string, size_t> grid_of;
  std::map<std::string, int> checkpoint_index;
  for (const v1::Checkpoint& checkpoint : sweep.checkpoints()) {
    checkpoint_index.emplace(checkpoint.name(), static_cast<int>(checkpoint_index.size()));
  }
  for (const v1::Dimension& dimension : sweep.spec().dimensions()) {
    if (!Selected(selection, dimension.name())) continue;
    grid_of[dimension.name()] = grids.size();
    grids.push_back({dimension.name(),
                     dimension.dataset(),
                     dimension.label_meaning(),
                     protocol,
                     selection.metric,
                     AxisOf(sweep),
                     {}});
  }
  for (const v1::ResultRow& row : rows) {
    const auto grid = grid_of.find(row.dimension());
    const auto checkpoint = checkpoint_index.find(row.checkpoint());
    if (grid == grid_of.end() || checkpoint == checkpoint_index.end() || row.protocol() != protocol) continue;
    auto& layers = grids[grid->second].rows;
    if (row.layer() >= static_cast<int>(layers.size())) {
      layers.resize(row.layer() + 1, std::vector<const v1::ResultRow*>(checkpoint_index.size(), nullptr));
    }
    layers[row.layer()][checkpoint->second] = &row;
  }
  return grids;
}

ColorScale SharedScale(const std::vector<ResultGrid>& grids) {
  std::vector<double> values;
  for (const ResultGrid& grid : grids) {
    for (int layer = 0; layer < grid.layers(); ++layer) {
      for (int checkpoint = 0; checkpoint < grid.checkpoints(); ++checkpoint) {
        if (const std::optional<double> value = grid.Value(layer, checkpoint)) values.push_back(*value);
      }
    }
  }
  return ScaleFor(grids.empty() ? "" : grids[0].metric, values);
}

}  // namespace probesweep::client
