#include "client/render/table.h"

#include <algorithm>

#include "client/render/text.h"
#include "common/printable.h"

namespace probesweep::client {

void Table::AddRow(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::string& cell : cells) cell = Printable(cell);
  rows_.push_back(std::move(cells));
}

std::string Table::Line(const std::vector<std::string>& cells, const std::vector<size_t>& widths) const {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += "  ";
    line += columns_[i].align == Align::kRight ? PadLeft(cells[i], widths[i]) : PadRight(cells[i], widths[i]);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string Table::Text() const {
  std::vector<std::string> titles;
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    titles.push_back(columns_[i].title);
    widths.push_back(DisplayWidth(columns_[i].title));
    for (const std::vector<std::string>& row : rows_) widths[i] = std::max(widths[i], DisplayWidth(row[i]));
  }
  std::string text = Line(titles, widths);
  for (const std::vector<std::string>& row : rows_) text += Line(row, widths);
  return text;
}

}  // namespace probesweep::client
