#include "client/render/parquet_writer.h"

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/render/thrift_compact.h"
#include "common/status.h"
#include "common/unicode.h"

namespace probesweep::client {
namespace {

// Numbers of parquet.thrift.
constexpr int32_t kInt64 = 2;
constexpr int32_t kDouble = 5;
constexpr int32_t kByteArray = 6;
constexpr int32_t kOptional = 1;
constexpr int32_t kUtf8 = 0;
constexpr int32_t kPlain = 0;
constexpr int32_t kRle = 3;
constexpr int32_t kUncompressed = 0;
constexpr int32_t kDataPage = 0;
constexpr absl::string_view kMagic = "PAR1";
// The writer's version, not the release's: the same rows give the same bytes.
constexpr absl::string_view kCreatedBy = "probesweep version 1.0.0";

int32_t PhysicalType(ColumnType type) {
  switch (type) {
    case ColumnType::kInteger:
      return kInt64;
    case ColumnType::kNumber:
      return kDouble;
    case ColumnType::kText:
      break;
  }
  return kByteArray;
}

// Little-endian.
void AppendBytes(uint64_t value, int bytes, std::string& out) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

bool Matches(ColumnType type, const ExportValue& value) {
  return std::holds_alternative<std::monostate>(value) ||
         (type == ColumnType::kText && std::holds_alternative<std::string>(value)) ||
         (type == ColumnType::kInteger && std::holds_alternative<int64_t>(value)) ||
         (type == ColumnType::kNumber && std::holds_alternative<double>(value));
}

void AppendPlain(const ExportValue& value, std::string& out) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    const std::string mended = ReplaceInvalidUtf8(*text);
    AppendBytes(mended.size(), 4, out);
    out += mended;
  } else if (const auto* integer = std::get_if<int64_t>(&value)) {
    AppendBytes(static_cast<uint64_t>(*integer), 8, out);
  } else if (const auto* number = std::get_if<double>(&value)) {
    uint64_t bits = 0;
    std::memcpy(&bits, number, sizeof bits);
    AppendBytes(bits, 8, out);
  }
}

// Whether each row has a value: definition levels of one bit, in runs, with their length before them.
std::string DefinitionLevels(const std::vector<bool>& present) {
  std::string runs;
  for (size_t i = 0; i < present.size();) {
    size_t end = i;
    while (end < present.size() && present[end] == present[i]) ++end;
    AppendVarint(uint64_t{end - i} << 1, runs);
    runs.push_back(present[i] ? 1 : 0);
    i = end;
  }
  std::string levels;
  AppendBytes(runs.size(), 4, levels);
  return levels + runs;
}

std::string PageHeader(size_t bytes, int64_t rows) {
  ThriftCompactWriter header;
  header.I32(1, kDataPage).I32(2, static_cast<int32_t>(bytes)).I32(3, static_cast<int32_t>(bytes));
  header.BeginStruct(5).I32(1, static_cast<int32_t>(rows)).I32(2, kPlain).I32(3, kRle).I32(4, kRle).End();
  return header.End().bytes();
}

void WriteSchema(const std::vector<ParquetColumn>& columns, ThriftCompactWriter& footer) {
  footer.StructList(2, columns.size() + 1);
  footer.BeginElement().Text(4, "schema").I32(5, static_cast<int32_t>(columns.size())).End();
  for (const ParquetColumn& column : columns) {
    footer.BeginElement().I32(1, PhysicalType(column.type)).I32(3, kOptional).Text(4, column.name);
    if (column.type == ColumnType::kText) {
      footer.I32(6, kUtf8);
      footer.BeginStruct(10).BeginStruct(1).End().End();  // logical type: string
    }
    footer.End();
  }
}

}  // namespace

ParquetWriter::ParquetWriter(std::vector<ParquetColumn> columns,
                             std::function<absl::Status(absl::string_view)> sink, Limits limits)
    : columns_(std::move(columns)), sink_(std::move(sink)), limits_(limits), chunks_(columns_.size()) {}

absl::Status ParquetWriter::Write(absl::string_view bytes) {
  written_ += static_cast<int64_t>(bytes.size());
  return sink_(bytes);
}

absl::Status ParquetWriter::Begin() { return written_ > 0 ? absl::OkStatus() : Write(kMagic); }

absl::Status ParquetWriter::Append(const std::vector<ExportValue>& row) {
  if (row.size() != columns_.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("a row of ", row.size(), " values for ", columns_.size(), " columns"));
  }
  for (size_t i = 0; i < row.size(); ++i) {
    if (!Matches(columns_[i].type, row[i])) {
      return absl::InvalidArgumentError(
          absl::StrCat("column ", columns_[i].name, ": the value is of another type"));
    }
  }
  PS_RETURN_IF_ERROR(Begin());
  size_t bytes = 0;
  for (size_t i = 0; i < row.size(); ++i) {
    chunks_[i].present.push_back(!std::holds_alternative<std::monostate>(row[i]));
    AppendPlain(row[i], chunks_[i].values);
    bytes += chunks_[i].values.size();
  }
  ++rows_;
  return rows_ >= limits_.rows || bytes >= limits_.bytes ? WriteGroup() : absl::OkStatus();
}

absl::Status ParquetWriter::WriteGroup() {
  if (rows_ == 0) return absl::OkStatus();
  Group group;
  group.rows = rows_;
  for (Chunk& chunk : chunks_) {
    const std::string levels = DefinitionLevels(chunk.present);
    const std::string header = PageHeader(levels.size() + chunk.values.size(), rows_);
    const int64_t offset = written_;
    PS_RETURN_IF_ERROR(Write(header));
    PS_RETURN_IF_ERROR(Write(levels));
    PS_RETURN_IF_ERROR(Write(chunk.values));
    group.chunks.push_back({offset, written_ - offset});
    chunk = Chunk();
  }
  rows_ = 0;
  groups_.push_back(std::move(group));
  return absl::OkStatus();
}

std::string ParquetWriter::Footer() const {
  int64_t rows = 0;
  for (const Group& group : groups_) rows += group.rows;
  ThriftCompactWriter footer;
  footer.I32(1, 1);
  WriteSchema(columns_, footer);
  footer.I64(3, rows).StructList(4, groups_.size());
  for (const Group& group : groups_) {
    int64_t bytes = 0;
    footer.BeginElement().StructList(1, columns_.size());
    for (size_t i = 0; i < columns_.size(); ++i) {
      const ChunkPlace& place = group.chunks[i];
      bytes += place.bytes;
      footer.BeginElement().I64(2, place.offset).BeginStruct(3);
      footer.I32(1, PhysicalType(columns_[i].type)).I32List(2, {kPlain, kRle});
      footer.TextList(3, {columns_[i].name}).I32(4, kUncompressed).I64(5, group.rows);
      footer.I64(6, place.bytes).I64(7, place.bytes).I64(9, place.offset).End().End();
    }
    footer.I64(2, bytes).I64(3, group.rows).End();
  }
  footer.Text(6, kCreatedBy);
  return footer.End().bytes();
}

absl::Status ParquetWriter::Finish() {
  PS_RETURN_IF_ERROR(Begin());
  PS_RETURN_IF_ERROR(WriteGroup());
  std::string end = Footer();
  AppendBytes(end.size(), 4, end);
  absl::StrAppend(&end, kMagic);
  return Write(end);
}

}  // namespace probesweep::client
