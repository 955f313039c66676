#include "client/render/result_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
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

TEST(ResultWriterTest, ColumnsAreTheIdentifyingOnesThenEveryResultColumnThenTheDigest) {
  const std::vector<std::string> columns = ExportColumns();
  EXPECT_THAT(std::vector<std::string>(columns.begin(), columns.begin() + 9),
              ::testing::ElementsAre("sweep", "model", "checkpoint", "step", "tokens", "dimension", "dataset",
                                     "layer", "protocol"));
  ASSERT_EQ(columns.size(), 9 + ResultColumns().size() + 1);
  for (size_t i = 0; i < ResultColumns().size(); ++i) EXPECT_EQ(columns[9 + i], ResultColumns()[i].name);
  EXPECT_EQ(columns.back(), "checkpoint_digest");
  EXPECT_EQ(ResultHeader(ResultFormat::kCsv), absl::StrJoin(columns, ",") + "\n");
  EXPECT_EQ(ResultHeader(ResultFormat::kJsonl), "");
}

TEST(ResultWriterTest, TheFormatsPageDescribesEveryColumnInOrder) {
  ASSERT_OK_AND_ASSIGN(const std::string page, ReadFile(testing::SourceDir() + "/docs/formats.md"));
  size_t at = page.find("## Results");
  for (const std::string& column : ExportColumns()) {
    const size_t next = page.find(absl::StrCat("\n| `", column, "` |"), at);
    ASSERT_NE(next, std::string::npos) << column;
    at = next;
  }
}

TEST(ResultWriterTest, CsvRowHasTheSweepsNameAndExactNumbersAndEmptyCells) {
  v1::ResultRow row =
      MakeRow("step16", "privacy", 3, {{"n_train", 288}, {"accuracy", 0.1 + 0.2}, {"mi_tx", 1e-7}});
  row.set_step(16);
  const std::string line = ResultLine(ResultFormat::kCsv, row);
  EXPECT_THAT(
      line,
      ::testing::StartsWith(
          "demo,demo-neox,step16,16,,privacy,privacy-data,3,released,288,,0.30000000000000004,,,,,1e-07,"));
  EXPECT_EQ(std::count(line.begin(), line.end(), ','), static_cast<int>(ExportColumns().size()) - 1);
  EXPECT_EQ(line.find("sw-1"), std::string::npos);
}

TEST(ResultWriterTest, NeverWritesNanOrInfinity) {
  v1::ResultRow row = MakeRow("step16", "privacy", 3, {{"accuracy", std::nan("")}, {"auroc", INFINITY}});
  EXPECT_THAT(ResultLine(ResultFormat::kCsv, row),
              ::testing::EndsWith(std::string(ResultColumns().size() + 1, ',') + "\n"));
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

TEST(ResultWriterTest, TheDigestIsTheLastValueAndLeftOutWhereItIsNotKnown) {
  v1::ResultRow row = MakeRow("step16", "privacy", 3, {{"surface_auroc", 0.5}});
  EXPECT_THAT(ResultLine(ResultFormat::kCsv, row), ::testing::EndsWith(",0.5,\n"));
  EXPECT_THAT(ResultLine(ResultFormat::kJsonl, row), ::testing::EndsWith("\"surface_auroc\":0.5}\n"));
  row.set_checkpoint_digest("0123abcd");
  EXPECT_THAT(ResultLine(ResultFormat::kCsv, row), ::testing::EndsWith(",0.5,0123abcd\n"));
  EXPECT_THAT(ResultLine(ResultFormat::kJsonl, row),
              ::testing::EndsWith("\"surface_auroc\":0.5,\"checkpoint_digest\":\"0123abcd\"}\n"));
}

TEST(ResultWriterTest, NamesTheNearestFormat) {
  EXPECT_EQ(*ParseResultFormat("jsonl"), ResultFormat::kJsonl);
  EXPECT_STATUS(ParseResultFormat("json"), kInvalidArgument, "did you mean 'jsonl'?");
}

}  // namespace
}  // namespace probesweep::client
