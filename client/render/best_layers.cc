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

std::string Signed(std::optional<double> value) {
  return value ? absl::StrFormat("%+.3f", *value) : std::string("-");
}

// Protocols with several splits say it themselves, as a mean; of others it is the difference.
std::optional<double> AboveSurface(const v1::ResultRow& row) {
  if (const std::optional<double> value = ValueOf(row, "above_surface")) return value;
  const std::optional<double> accuracy = ValueOf(row, "accuracy");
  const std::optional<double> surface = ValueOf(row, "surface_accuracy");
  return accuracy && surface ? std::optional<double>(*accuracy - *surface) : std::nullopt;
}

std::string IntervalText(std::optional<double> low, std::optional<double> high) {
  return low && high ? absl::StrFormat("%+.3f to %+.3f", *low, *high) : std::string("-");
}

std::string Rows(std::optional<double> rows) {
  return rows ? absl::StrFormat("%.0f", *rows) : std::string("-");
}

// What the table says of a cell, behind its place and the metric.
struct Figure {
  const char* title;
  // The column that it needs; where no row has it, the table leaves it out. Null: always there.
  const char* needs;
  std::string (*text)(const v1::ResultRow&);
};

const std::vector<Figure>& Figures() {
  using Row = v1::ResultRow;
  static const auto* const figures = new std::vector<Figure>{
      {"accuracy", nullptr, [](const Row& row) { return Score(ValueOf(row, "accuracy")); }},
      {"surface", nullptr, [](const Row& row) { return Score(ValueOf(row, "surface_accuracy")); }},
      {"above surface", nullptr, [](const Row& row) { return Signed(AboveSurface(row)); }},
      {"95 % interval", "above_surface_low",
       [](const Row& row) {
         return IntervalText(ValueOf(row, "above_surface_low"), ValueOf(row, "above_surface_high"));
       }},
      {"selectivity", "selectivity", [](const Row& row) { return Signed(ValueOf(row, "selectivity")); }},
      {"majority", nullptr, [](const Row& row) { return Score(ValueOf(row, "majority_accuracy")); }},
      {"auroc", nullptr, [](const Row& row) { return Score(ValueOf(row, "auroc")); }},
      {"ece", "ece", [](const Row& row) { return Score(ValueOf(row, "ece")); }},
      {"test rows", nullptr, [](const Row& row) { return Rows(ValueOf(row, "n_test")); }},
  };
  return *figures;
}

bool AnyRowHas(const std::vector<ResultGrid>& grids, const char* column) {
  for (const ResultGrid& grid : grids) {
    for (const auto& layer : grid.rows) {
      for (const v1::ResultRow* row : layer) {
        if (row != nullptr && ValueOf(*row, column)) return true;
      }
    }
  }
  return false;
}

void AddCell(const ResultGrid& grid, const char* which, const Cell& cell, const std::vector<Figure>& figures,
             Table& table) {
  const v1::ResultRow& row = *grid.rows[cell.layer][cell.checkpoint];
  std::vector<std::string> cells = {grid.dimension, which, row.checkpoint(), absl::StrCat(cell.layer)};
  if (grid.metric != "accuracy")
    cells.push_back(absl::StrFormat("%.4g", *grid.Value(cell.layer, cell.checkpoint)));
  for (const Figure& figure : figures) cells.push_back(figure.text(row));
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
  std::vector<Figure> figures;
  for (const Figure& figure : Figures()) {
    if (figure.needs != nullptr && !AnyRowHas(grids, figure.needs)) continue;
    figures.push_back(figure);
    columns.push_back({figure.title, Align::kRight});
  }
  Table table(std::move(columns));
  for (const ResultGrid& grid : grids) {
    const std::optional<Cell> best = BestCell(grid);
    if (!best) {
      table.AddRow({grid.dimension, "no results yet"});
      continue;
    }
    AddCell(grid, "best", *best, figures, table);
    const std::optional<Cell> last = BestOfLastCheckpoint(grid);
    if (last->checkpoint != best->checkpoint) AddCell(grid, "last", *last, figures, table);
  }
  return table.Text();
}

}  // namespace probesweep::client
