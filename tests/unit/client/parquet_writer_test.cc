#include "client/render/parquet_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "client/render/thrift_compact.h"
#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::client {
namespace {

const std::vector<ParquetColumn>& Columns() {
  static const auto* const columns = new std::vector<ParquetColumn>{
      {"name", ColumnType::kText}, {"count", ColumnType::kInteger}, {"value", ColumnType::kNumber}};
  return *columns;
}

// Every kind of value, and nothing in every column.
std::vector<std::vector<ExportValue>> Rows() {
  return {{std::string("step16"), int64_t{-1}, 0.1},
          {ExportValue(), std::numeric_limits<int64_t>::max(), ExportValue()},
          {std::string(), ExportValue(), -0.0},
          {std::string("a,\"b\"\n\xC3\xA9"), int64_t{0}, 1e-310}};
}

std::string Written(const std::vector<std::vector<ExportValue>>& rows, int64_t rows_in_a_group = 100) {
  std::string bytes;
  ParquetWriter::Limits limits;
  limits.rows = rows_in_a_group;
  ParquetWriter writer(
      Columns(),
      [&](absl::string_view piece) {
        bytes.append(piece.data(), piece.size());
        return absl::OkStatus();
      },
      limits);
  for (const auto& row : rows) EXPECT_OK(writer.Append(row));
  EXPECT_OK(writer.Finish());
  return bytes;
}

// pyarrow 26 reads the file as these four rows, in two row groups.
TEST(ParquetWriterTest, WritesTheBytesThatPyarrowHasRead) {
  ASSERT_OK_AND_ASSIGN(const std::string golden,
                       ReadFile(testing::SourceDir() + "/tests/unit/client/golden/four_rows.parquet"));
  EXPECT_EQ(Written(Rows(), 3), golden);
}

// Thrift's compact protocol read by the letter of its specification: enough to find a field by its path.
class FieldReader {
 public:
  explicit FieldReader(const std::string& bytes) : bytes_(bytes) {}

  // Fields of the struct that begins at `at`, each as "id:value"; structs and lists in brackets.
  std::string Struct() {
    std::string text = "{";
    int id = 0;
    for (;;) {
      const auto head = static_cast<unsigned char>(bytes_.at(at_++));
      if (head == 0) return text + "}";
      id = head >> 4 ? id + (head >> 4) : static_cast<int>(Signed());
      text += (text.size() == 1 ? "" : " ") + std::to_string(id) + ":" + Value(head & 15);
    }
  }

 private:
  uint64_t Unsigned() {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_.at(at_++));
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
  }
  int64_t Signed() {
    const uint64_t value = Unsigned();
    return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
  }
  std::string Value(int type) {
    if (type == 5 || type == 6) return std::to_string(Signed());
    if (type == 8) {
      const size_t size = Unsigned();
      at_ += size;
      return "'" + bytes_.substr(at_ - size, size) + "'";
    }
    if (type == 12) return Struct();
    EXPECT_EQ(type, 9) << "no other type is needed";
    const auto head = static_cast<unsigned char>(bytes_.at(at_++));
    const size_t size = head >> 4 == 15 ? Unsigned() : head >> 4;
    std::string text = "[";
    for (size_t i = 0; i < size; ++i) text += (i == 0 ? "" : " ") + Value(head & 15);
    return text + "]";
  }

  const std::string& bytes_;
  size_t at_ = 0;
};

TEST(ParquetWriterTest, TheFooterSaysWhereEveryColumnLies) {
  const std::string bytes = Written({{std::string("a"), int64_t{1}, 0.5}});
  uint32_t length = 0;
  std::memcpy(&length, bytes.data() + bytes.size() - 8, 4);
  EXPECT_EQ(bytes.substr(bytes.size() - 4), "PAR1");
  const std::string footer = bytes.substr(bytes.size() - 8 - length, length);
  // Page headers take 17 bytes here; definition levels 4 + 2; then the values: 4 + 1, 8 and 8 bytes.
  EXPECT_EQ(
      FieldReader(footer).Struct(),
      "{1:1 2:[{4:'schema' 5:3} {1:6 3:1 4:'name' 6:0 10:{1:{}}} {1:2 3:1 4:'count'} {1:5 3:1 4:'value'}] "
      "3:1 4:[{1:[{2:4 3:{1:6 2:[0 3] 3:['name'] 4:0 5:1 6:28 7:28 9:4}} "
      "{2:32 3:{1:2 2:[0 3] 3:['count'] 4:0 5:1 6:31 7:31 9:32}} "
      "{2:63 3:{1:5 2:[0 3] 3:['value'] 4:0 5:1 6:31 7:31 9:63}}] 2:90 3:1}] "
      "6:'probesweep version 1.0.0'}");
  const std::string page = bytes.substr(4);
  EXPECT_EQ(FieldReader(page).Struct(), "{1:0 2:11 3:11 5:{1:1 2:0 3:3 4:3}}");
  EXPECT_EQ(bytes.substr(21, 11), std::string("\2\0\0\0\2\1\1\0\0\0a", 11));
}

TEST(ParquetWriterTest, LongListsAndFarFieldsAreWrittenAsThriftSays) {
  ThriftCompactWriter writer;
  writer.I32(1, -2).I64(40, int64_t{1} << 40).I32List(41, std::vector<int32_t>(20, 7));
  writer.TextList(42, {"x", ""}).StructList(43, 2).BeginElement().End().BeginElement().I32(3, 9).End().End();
  EXPECT_EQ(FieldReader(writer.bytes()).Struct(),
            "{1:-2 40:1099511627776 41:[7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7] 42:['x' ''] 43:[{} {3:9}]}");
}

TEST(ParquetWriterTest, AGroupEndsWithTheRowThatReachesALimit) {
  ParquetWriter::Limits limits;
  limits.bytes = 40;
  std::string bytes;
  ParquetWriter writer(
      {{"t", ColumnType::kText}},
      [&](absl::string_view piece) {
        bytes.append(piece.data(), piece.size());
        return absl::OkStatus();
      },
      limits);
  for (int i = 0; i < 5; ++i) ASSERT_OK(writer.Append({std::string(16, 'x')}));
  ASSERT_OK(writer.Finish());
  uint32_t length = 0;
  std::memcpy(&length, bytes.data() + bytes.size() - 8, 4);
  const std::string footer = bytes.substr(bytes.size() - 8 - length, length);
  EXPECT_THAT(FieldReader(footer).Struct(),
              ::testing::ContainsRegex("3:5 4:\\[\\{1:.* 3:2\\} \\{1:.* 3:2\\} \\{1:.* 3:1\\}\\]"));
}

TEST(ParquetWriterTest, ATableWithoutRowsIsAFile) {
  const std::string bytes = Written({});
  uint32_t length = 0;
  std::memcpy(&length, bytes.data() + bytes.size() - 8, 4);
  EXPECT_EQ(bytes.size(), 4 + length + 8);
  EXPECT_THAT(FieldReader(bytes.substr(4)).Struct(), ::testing::HasSubstr("3:0 4:[] 6:"));
}

TEST(ParquetWriterTest, TextThatIsNoUtf8IsMended) {
  const std::string bytes = Written({{std::string("caf\xE9"), ExportValue(), ExportValue()}});
  EXPECT_THAT(bytes, ::testing::HasSubstr("caf\xEF\xBF\xBD"));
}

TEST(ParquetWriterTest, RefusesRowsThatDoNotFitTheColumns) {
  ParquetWriter writer(Columns(), [](absl::string_view) { return absl::OkStatus(); });
  EXPECT_STATUS(writer.Append({ExportValue()}), kInvalidArgument, "1 values for 3 columns");
  EXPECT_STATUS(writer.Append({std::string("a"), 0.5, 0.5}), kInvalidArgument, "count");
}

TEST(ParquetWriterTest, TheSinksErrorEndsTheWriting) {
  ParquetWriter writer(Columns(),
                       [](absl::string_view) { return absl::ResourceExhaustedError("disk full"); });
  EXPECT_STATUS(writer.Finish(), kResourceExhausted, "disk full");
}

}  // namespace
}  // namespace probesweep::client
