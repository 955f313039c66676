#include "client/render/best_layers.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/render/table.h"

namespace probesweep::client {
namespace {

std::string Score(std::optional<double> value) {
  return value ? absl::StrFormat("%.3f", *value) : std::string("-");
}

std::string Difference(std::optional<double> value, std::optional<double> baseline) {
  return value && baseline ? absl::StrFormat("%+.3f", *value - *baseline) : std::string("-");
}

void AddCell(const ResultGrid& grid, const char* which, const Cell& cell, Table& table) {
  const v1::ResultRow& row = *grid.rows[cell.layer][cell.checkpoint];
  const std::optional<double> accuracy = ValueOf(row, "accuracy");
  const std::optional<double> surface = ValueOf(row, "surface_accuracy");
  const std::optional<double> test_rows = ValueOf(row, "n_test");
  std::vector<std::string> cells = {grid.dimension, which, row.checkpoint(), absl::StrCat(cell.layer)};
  if (grid.metric != "accuracy")
    cells.push_back(absl::StrFormat("%.4g", *grid.Value(cell.layer, cell.checkpoint)));
  for (std::string text : {Score(accuracy), Score(surface), Difference(accuracy, surface),
                           Score(ValueOf(row, "majority_accuracy")), Score(ValueOf(row, "auroc")),
                           test_rows ? absl::StrFormat("%.0f", *test_rows) : std::string("-")}) {
    cells.push_back(std::move(text));
  }
  table.AddRow(std::move(cells));
}

// The best layer of the last checkpoint that has any value.
std::optional<Cell> BestOfLastCheckpoint(const ResultGrid& grid) {
  for (int checkpoint = grid.checkpoints() - 1; checkpoint >= 0; --checkpoint) {
    if (const std::optional<Cell> cell = BestCell(grid, checkpoint)) return cell;
  }
  return std::nullopt;
}

}  // namespace

std::string BestLayersText(const std::vector<ResultGrid>& grids) {
  std::vector<TableColumn> columns = {{"dimension"}, {"cell"}, {"checkpoint"}, {"layer", Align::kRight}};
  if (!grids.empty() && grids[0].metric != "accuracy") columns.push_back({grids[0].metric, Align::kRight});
  for (const char* title : {"accuracy", "surface", "above surface", "majority", "auroc", "test rows"}) {
    columns.push_back({title, Align::kRight});
  }
  Table table(std::move(columns));
  for (const ResultGrid& grid : grids) {
    const std::optional<Cell> best = BestCell(grid);
    if (!best) {
      table.AddRow({grid.dimension, "no results yet"});
      continue;
    }
    AddCell(grid, "best", *best, table);
    const std::optional<Cell> last = BestOfLastCheckpoint(grid);
    if (last->checkpoint != best->checkpoint) AddCell(grid, "last", *last, table);
  }
  return table.Text();
}

}  // namespace probesweep::client
