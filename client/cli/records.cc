#include "client/cli/records.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/render/result_writer.h"
#include "common/file.h"
#include "common/number_format.h"
#include "common/status.h"

namespace probesweep::client {

RecordCell RecordCell::Text(const std::string& text) {
  RecordCell cell;
  cell.csv_ = CsvCell(text);
  cell.json_ = nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return cell;
}

RecordCell RecordCell::Integer(int64_t value) {
  RecordCell cell;
  cell.csv_ = cell.json_ = absl::StrCat(value);
  return cell;
}

RecordCell RecordCell::Number(double value) {
  RecordCell cell;
  if (std::isfinite(value)) cell.csv_ = cell.json_ = FormatDouble(value);
  return cell;
}

RecordCell RecordCell::Number(std::optional<double> value) { return value ? Number(*value) : RecordCell(); }

std::string Records::Csv() const {
  std::string text = absl::StrCat(absl::StrJoin(columns, ","), "\n");
  for (const std::vector<RecordCell>& row : rows) {
    const auto csv = [](std::string* out, const RecordCell& cell) { out->append(cell.csv()); };
    absl::StrAppend(&text, absl::StrJoin(row, ",", csv), "\n");
  }
  return text;
}

std::string Records::JsonLines() const {
  std::string text;
  for (const std::vector<RecordCell>& row : rows) {
    std::vector<std::string> members;
    for (size_t i = 0; i < row.size(); ++i) {
      if (!row[i].absent()) members.push_back(absl::StrCat("\"", columns[i], "\":", row[i].json()));
    }
    absl::StrAppend(&text, "{", absl::StrJoin(members, ","), "}\n");
  }
  return text;
}

std::vector<RecordCell> CheckpointCells(const v1::Checkpoint& checkpoint) {
  return {RecordCell::Text(checkpoint.name()),
          checkpoint.has_step() ? RecordCell::Integer(checkpoint.step()) : RecordCell(),
          checkpoint.has_tokens() ? RecordCell::Integer(checkpoint.tokens()) : RecordCell()};
}

void AddOutputFlags(CLI::App& command, OutputFlags& flags) {
  command.add_option("--format", flags.format, "table, csv or jsonl")
      ->check(CLI::IsMember({"table", "csv", "jsonl"}))
      ->capture_default_str();
  command.add_option("--output", flags.path,
                     "A file, written whole or not at all (default: standard output)");
}

namespace {

bool ToStandardOutput(const OutputFlags& flags) { return flags.path.empty() || flags.path == "-"; }

}  // namespace

Terminal OutputTerminal(const OutputFlags& flags, const Session& session) {
  return ToStandardOutput(flags) ? session.out_terminal() : Terminal{};
}

absl::Status WriteOutput(const OutputFlags& flags, const std::string& table, const Records& records,
                         Session& session) {
  const std::string text = flags.is_table()        ? table
                           : flags.format == "csv" ? records.Csv()
                                                   : records.JsonLines();
  if (ToStandardOutput(flags)) {
    session.out() << text;
    return absl::OkStatus();
  }
  PS_RETURN_IF_ERROR(WriteFileAtomically(flags.path, text));
  session.err() << "wrote " << flags.path << "\n";
  return absl::OkStatus();
}

}  // namespace probesweep::client
