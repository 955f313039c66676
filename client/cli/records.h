// What a command found, as records for other programs: CSV or JSON lines, as results are exported.
#ifndef PROBESWEEP_CLIENT_CLI_RECORDS_H_
#define PROBESWEEP_CLIENT_CLI_RECORDS_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/cli/session.h"
#include "client/render/terminal.h"
#include "probesweep/v1/resources.pb.h"

namespace probesweep::client {

// One value of a record, or none. Numbers have the fewest digits that read back to the same double.
class RecordCell {
 public:
  RecordCell() = default;  // no value
  static RecordCell Text(const std::string& text);
  static RecordCell Integer(int64_t value);
  static RecordCell Number(double value);
  static RecordCell Number(std::optional<double> value);

  bool absent() const { return csv_.empty(); }
  const std::string& csv() const { return csv_; }
  const std::string& json() const { return json_; }

 private:
  std::string csv_, json_;
};

struct Records {
  std::vector<std::string> columns;
  std::vector<std::vector<RecordCell>> rows;  // one cell for each column

  // A header line, then one line for each row; an absent value is an empty cell.
  std::string Csv() const;
  // One object a line; an absent value is no member.
  std::string JsonLines() const;
};

// Name, step and tokens, as in a result row.
std::vector<RecordCell> CheckpointCells(const v1::Checkpoint& checkpoint);

struct OutputFlags {
  std::string format = "table";  // or "csv", "jsonl"
  std::string path;              // "" or "-": standard output

  bool is_table() const { return format == "table"; }
};

void AddOutputFlags(CLI::App& command, OutputFlags& flags);

// What tables may use: the terminal's colours and width when they go there.
Terminal OutputTerminal(const OutputFlags& flags, const Session& session);

// Writes the table's text, or the records, to where the flags say; a file whole or not at all.
absl::Status WriteOutput(const OutputFlags& flags, const std::string& table, const Records& records,
                         Session& session);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLI_RECORDS_H_
