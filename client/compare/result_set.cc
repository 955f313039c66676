#include "client/compare/result_set.h"

#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/render/export_columns.h"
#include "common/printable.h"

namespace probesweep::client {
namespace {

auto Fields(const RowKey& key) { return std::tie(key.checkpoint, key.dimension, key.layer, key.protocol); }

}  // namespace

bool RowKey::operator<(const RowKey& other) const { return Fields(*this) < Fields(other); }
bool RowKey::operator==(const RowKey& other) const { return Fields(*this) == Fields(other); }

absl::Status AddEntry(const RowKey& key, ResultEntry entry, ResultSet& set) {
  if (set.rows.emplace(key, std::move(entry)).second) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(set.name, " holds two rows for checkpoint ", Printable(key.checkpoint), ", dimension ",
                   Printable(key.dimension), ", layer ", key.layer, ", protocol ", Printable(key.protocol),
                   "; compare one sweep at a time"));
}

absl::Status AddRow(const v1::ResultRow& row, ResultSet& set) {
  ResultEntry entry;
  entry.values.insert(row.values().begin(), row.values().end());
  for (const ExportColumn& column : ExportSchema()) {
    if (!IsProvenanceColumn(column.name)) continue;
    const ExportValue value = column.value(row);
    if (const auto* text = std::get_if<std::string>(&value)) entry.provenance[column.name] = *text;
  }
  return AddEntry({row.checkpoint(), row.dimension(), row.layer(), row.protocol()}, std::move(entry), set);
}

}  // namespace probesweep::client
