// A table in plain text: columns aligned, two spaces apart.
#ifndef PROBESWEEP_CLIENT_RENDER_TABLE_H_
#define PROBESWEEP_CLIENT_RENDER_TABLE_H_

#include <string>
#include <vector>

namespace probesweep::client {

enum class Align { kLeft, kRight };

struct TableColumn {
  std::string title;
  Align align = Align::kLeft;
};

// Cells are made printable. Not thread-safe.
class Table {
 public:
  explicit Table(std::vector<TableColumn> columns) : columns_(std::move(columns)) {}

  // One cell for each column; missing ones are empty.
  void AddRow(std::vector<std::string> cells);

  // Titles, then rows; every line ends with '\n' and none with a space.
  std::string Text() const;

 private:
  std::string Line(const std::vector<std::string>& cells, const std::vector<size_t>& widths) const;

  std::vector<TableColumn> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_RENDER_TABLE_H_
