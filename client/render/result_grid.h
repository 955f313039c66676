// Result rows laid out for reading: for each dimension and protocol, layers × checkpoints.
#ifndef PROBESWEEP_CLIENT_RENDER_RESULT_GRID_H_
#define PROBESWEEP_CLIENT_RENDER_RESULT_GRID_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/render/color_scale.h"
#include "probesweep/v1/resources.pb.h"

namespace probesweep::client {

// The horizontal axis: a sweep's checkpoints in training order.
struct CheckpointAxis {
  std::string title;                // "training step", "training tokens" or "checkpoint"
  std::vector<std::string> labels;  // short: "16k"; else the checkpoint's name
  std::vector<std::string> names;
};

// The value of a column in a row; absent when it could not be computed.
std::optional<double> ValueOf(const v1::ResultRow& row, absl::string_view column);

// One panel. Cells point into the rows that it was made from.
struct ResultGrid {
  std::string dimension;
  std::string dataset;
  std::string label_meaning;
  std::string protocol;
  std::string metric;
  CheckpointAxis axis;
  std::vector<std::vector<const v1::ResultRow*>> rows;  // [layer][checkpoint]; null: no result

  int layers() const { return static_cast<int>(rows.size()); }
  int checkpoints() const { return static_cast<int>(axis.names.size()); }
  std::optional<double> Value(int layer, int checkpoint) const;
  // Whether a cell of the grid shows no value.
  bool HasGaps() const;
};

struct Cell {
  int layer = 0;
  int checkpoint = 0;
};

// A calibration error, a p-value.
bool LessIsBetter(absl::string_view metric);

// The cell of the highest value (of the lowest, where less is better), among the checkpoints from
// `first_checkpoint` on; the earlier checkpoint and the lower layer win a tie.
std::optional<Cell> BestCell(const ResultGrid& grid, int first_checkpoint = 0);

struct GridSelection {
  std::string metric = "accuracy";
  std::string protocol;                 // empty: calibrated where the sweep has it, else its first one
  std::vector<std::string> dimensions;  // empty: all, in the sweep's order
};

// One grid for each selected dimension; one without results has no layers. `rows` must outlive the grids.
// Errors: INVALID_ARGUMENT for a metric, protocol or dimension that is none, with the nearest name.
absl::StatusOr<std::vector<ResultGrid>> MakeGrids(const v1::Sweep& sweep,
                                                  const std::vector<v1::ResultRow>& rows,
                                                  const GridSelection& selection);

// The scale that all grids share.
ColorScale SharedScale(const std::vector<ResultGrid>& grids);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_RENDER_RESULT_GRID_H_
