#include "client/render/result_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/file.h"
#include "common/result_columns.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"
#include "tests/unit/client/fake_sweep_service.h"

namespace probesweep::client {
namespace {

TEST(ResultWriterTest, ColumnsAreTheIdentifyingOnesThenEveryResultColumnThenTheProvenance) {
  const std::vector<std::string> columns = ExportColumns();
  EXPECT_THAT(std::vector<std::string>(columns.begin(), columns.begin() + 9),
              ::testing::ElementsAre("sweep", "model", "checkpoint", "step", "tokens", "dimension", "dataset",
                                     "layer", "protocol"));
  ASSERT_EQ(columns.size(), 9 + ResultColumns().size() + 7);
  for (size_t i = 0; i < ResultColumns().size(); ++i) EXPECT_EQ(columns[9 + i], ResultColumns()[i].name);
  EXPECT_THAT(std::vector<std::string>(columns.end() - 7, columns.end()),
              ::testing::ElementsAre("checkpoint_digest", "tokenizer_digest", "dataset_digest",
                                     "configuration", "engine_version", "device", "dtype"));
  EXPECT_EQ(ResultHeader(ResultFormat::kCsv), absl::StrJoin(columns, ",") + "\n");
  EXPECT_EQ(ResultHeader(ResultFormat::kJsonl), "");
}

TEST(ResultWriterTest, TheResultsPageDescribesEveryColumnInOrder) {
  ASSERT_OK_AND_ASSIGN(const std::string page, ReadFile(testing::SourceDir() + "/docs/results.md"));
  size_t at = page.find("## Columns");
  for (const std::string& column : ExportColumns()) {
    const size_t next = page.find(absl::StrCat("\n| `", column, "` |"), at);
    ASSERT_NE(next, std::string::npos) << column;
    at = next;
  }
}

TEST(ResultWriterTest, CsvRowHasTheSweepsNameAndExactNumbersAndEmptyCells) {
  v1::ResultRow row =
      MakeRow("step16", "privacy", 3, {{"n_rows", 288}, {"accuracy", 0.1 + 0.2}, {"mi_tx", 1e-7}});
  row.set_step(16);
  const std::string line = ResultLine(ResultFormat::kCsv, row);
  EXPECT_THAT(line, ::testing::StartsWith("demo,demo-neox,step16,16,,privacy,privacy-data,3,released,288,,"));
  const std::vector<std::string> columns = ExportColumns();
  const std::vector<std::string> cells = absl::StrSplit(line, ',');
  ASSERT_EQ(cells.size(), columns.size());
  std::map<std::string, std::string> filled;
  for (size_t i = 9; i < cells.size(); ++i) {
    if (!cells[i].empty() && cells[i] != "\n") filled[columns[i]] = cells[i];
  }
  EXPECT_THAT(filled,
              ::testing::ElementsAre(::testing::Pair("accuracy", "0.30000000000000004"),
                                     ::testing::Pair("mi_tx", "1e-07"), ::testing::Pair("n_rows", "288")));
  EXPECT_EQ(line.find("sw-1"), std::string::npos);
}

TEST(ResultWriterTest, NeverWritesNanOrInfinity) {
  v1::ResultRow row = MakeRow("step16", "privacy", 3, {{"accuracy", std::nan("")}, {"auroc", INFINITY}});
  EXPECT_THAT(ResultLine(ResultFormat::kCsv, row),
              ::testing::EndsWith("released" + std::string(ResultColumns().size() + 7, ',') + "\n"));
  const auto json = nlohmann::json::parse(ResultLine(ResultFormat::kJsonl, row));
  EXPECT_FALSE(json.contains("accuracy") || json.contains("auroc"));
}

TEST(ResultWriterTest, QuotesCellsAsRfc4180Says) {
  const struct {
    const char* text;
    const char* cell;
  } cases[] = {{"plain", "plain"},
               {"", ""},
               {"a,b", "\"a,b\""},
               {"say \"hi\"", "\"say \"\"hi\"\"\""},
               {"two\nlines", "\"two\nlines\""},
               {"cr\r", "\"cr\r\""},
               {" space ", " space "}};
  for (const auto& c : cases) EXPECT_EQ(CsvCell(c.text), c.cell);
}

TEST(ResultWriterTest, JsonLineHoldsTheSameValuesAndLeavesOutAbsentOnes) {
  v1::ResultRow row = MakeRow("step\"16\"", "privacy", 3, {{"n_test", 72}, {"accuracy", 0.75}});
  row.set_tokens(524288);
  const std::string line = ResultLine(ResultFormat::kJsonl, row);
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["checkpoint"], "step\"16\"");
  EXPECT_EQ(json["tokens"], 524288);
  EXPECT_EQ(json["layer"], 3);
  EXPECT_EQ(json["accuracy"], 0.75);
  EXPECT_TRUE(json["n_test"].is_number_integer());
  EXPECT_FALSE(json.contains("step"));
  EXPECT_FALSE(json.contains("auroc"));
}

TEST(ResultWriterTest, TheProvenanceComesLastAndIsLeftOutWhereItIsNotKnown) {
  v1::ResultRow row = MakeRow("step16", "privacy", 3, {{"above_surface_high", 0.5}});
  EXPECT_THAT(ResultLine(ResultFormat::kCsv, row), ::testing::EndsWith(",0.5,,,,,,,\n"));
  EXPECT_THAT(ResultLine(ResultFormat::kJsonl, row), ::testing::EndsWith("\"above_surface_high\":0.5}\n"));
  row.set_checkpoint_digest("c");
  v1::Provenance& provenance = *row.mutable_provenance();
  provenance.set_tokenizer_digest("t");
  provenance.set_dataset_digest("d");
  provenance.set_configuration("protocols=released,paper;probe_c=1");
  provenance.set_engine_version("2");
  provenance.set_device("cuda:1");
  provenance.set_dtype("bf16");
  EXPECT_THAT(ResultLine(ResultFormat::kCsv, row),
              ::testing::EndsWith(",0.5,c,t,d,\"protocols=released,paper;probe_c=1\",2,cuda:1,bf16\n"));
  EXPECT_THAT(ResultLine(ResultFormat::kJsonl, row),
              ::testing::EndsWith("\"checkpoint_digest\":\"c\",\"tokenizer_digest\":\"t\","
                                  "\"dataset_digest\":\"d\",\"configuration\":\"protocols=released,paper;"
                                  "probe_c=1\",\"engine_version\":\"2\",\"device\":\"cuda:1\","
                                  "\"dtype\":\"bf16\"}\n"));
}

std::string Written(ResultFormat format, const std::vector<v1::ResultRow>& rows) {
  std::string bytes;
  const auto writer = NewResultWriter(format, [&](absl::string_view piece) {
    bytes.append(piece.data(), piece.size());
    return absl::OkStatus();
  });
  for (const v1::ResultRow& row : rows) EXPECT_OK(writer->Append(row));
  EXPECT_OK(writer->Finish());
  return bytes;
}

TEST(ResultWriterTest, AWriterWritesTheHeaderOnceAlsoWithoutRows) {
  const v1::ResultRow row = MakeRow("step16", "privacy", 3, {{"accuracy", 0.5}});
  const std::string header = ResultHeader(ResultFormat::kCsv);
  const std::string line = ResultLine(ResultFormat::kCsv, row);
  EXPECT_EQ(Written(ResultFormat::kCsv, {}), header);
  EXPECT_EQ(Written(ResultFormat::kCsv, {row, row}), header + line + line);
  EXPECT_EQ(Written(ResultFormat::kJsonl, {}), "");
  EXPECT_EQ(Written(ResultFormat::kJsonl, {row}), ResultLine(ResultFormat::kJsonl, row));
}

TEST(ResultWriterTest, ParquetHoldsTheColumnsUnderTheirNames) {
  const std::string bytes =
      Written(ResultFormat::kParquet, {MakeRow("step16", "privacy", 3, {{"accuracy", 0.5}})});
  EXPECT_THAT(bytes, ::testing::StartsWith("PAR1"));
  EXPECT_THAT(bytes, ::testing::EndsWith("PAR1"));
  size_t at = bytes.find("schema");
  for (const std::string& column : ExportColumns()) {
    at = bytes.find(column, at);
    ASSERT_NE(at, std::string::npos) << column;
  }
}

TEST(ResultWriterTest, NamesTheNearestFormat) {
  EXPECT_EQ(*ParseResultFormat("jsonl"), ResultFormat::kJsonl);
  EXPECT_STATUS(ParseResultFormat("json"), kInvalidArgument, "did you mean 'jsonl'?");
}

}  // namespace
}  // namespace probesweep::client
