#include "client/compare/result_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/compare/comparison.h"
#include "client/render/result_writer.h"
#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"
#include "tests/unit/client/fake_sweep_service.h"

namespace probesweep::client {
namespace {

using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class ResultFileTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& text, const std::string& name = "results.csv") {
    EXPECT_OK(WriteFileAtomically(folder_.File(name), text));
    return folder_.File(name);
  }
  std::string Export(ResultFormat format) {
    std::string text = ResultHeader(format);
    for (const v1::ResultRow& row : rows_) text += ResultLine(format, row);
    return Write(text, "export");
  }
  void SetUp() override {
    SweepWithResults({"privacy", "fairness"}, rows_);
    for (v1::ResultRow& row : rows_) {
      (*row.mutable_values())["mi_tx"] = 1.0 / 3 + row.layer();
      row.set_model("7, \"seven\"");
      row.set_checkpoint_digest("c");
      row.mutable_provenance()->set_configuration("protocols=a,b");
    }
  }

  testing::TempDir folder_;
  std::vector<v1::ResultRow> rows_;
};

TEST_F(ResultFileTest, AnExportReadsBackExactlyInBothFormats) {
  ResultSet expected;
  for (const v1::ResultRow& row : rows_) ASSERT_OK(AddRow(row, expected));
  for (const ResultFormat format : {ResultFormat::kCsv, ResultFormat::kJsonl}) {
    ASSERT_OK_AND_ASSIGN(const ResultSet read, ReadResultFile(Export(format)));
    const Comparison comparison = Compare(expected, read, 0);
    EXPECT_TRUE(comparison.Equal());
    EXPECT_EQ(comparison.rows, 8);
    EXPECT_EQ(comparison.values, 8 * 5);
    for (const auto& [key, entry] : read.rows) {
      EXPECT_THAT(entry.provenance, UnorderedElementsAre(Pair("checkpoint_digest", "c"),
                                                         Pair("configuration", "protocols=a,b")));
    }
  }
}

TEST_F(ResultFileTest, ColumnsMayStandInAnyOrderAndUnknownNumbersAreValues) {
  ASSERT_OK_AND_ASSIGN(
      const ResultSet set,
      ReadResultFile(Write("new,note,layer,protocol,dimension,checkpoint,step,model,accuracy\n"
                           "7,text,2,released,d,c,16,7,\n")));
  ASSERT_EQ(set.rows.size(), 1u);
  EXPECT_EQ(set.rows.begin()->first, (RowKey{"c", "d", 2, "released"}));
  EXPECT_THAT(set.rows.begin()->second.values, UnorderedElementsAre(Pair("new", 7)));
}

TEST_F(ResultFileTest, WhatIsNoExportIsRefusedByNameAndLine) {
  const std::string titles = "checkpoint,dimension,layer,protocol,accuracy\n";
  const struct {
    std::string text;
    const char* message;
  } cases[] = {
      {"", "line 1: no line of titles"},
      {"statement,label\na,1\n", "line 1: no column 'checkpoint'; is this an export?"},
      {titles + "c,d,0,released,0.5\nc,d,1,released,half\n", "line 3: column accuracy: 'half' is no number"},
      {titles + "c,d,0,released,nan\n", "line 2: column accuracy: 'nan' is no number"},
      {titles + "c,d,0,released\n", "line 2: 4 cells under 5 titles"},
      {titles + "c,d,first,released,0.5\n", "line 2: no row of an export"},
      {titles + "c,,0,released,0.5\n", "line 2: no row of an export"},
      {titles + "c,d,0,released,0.5\nc,d,0,released,0.5\n", "line 3: "},
      {titles + "c,d,0,released,0.5\nc,d,0,released,0.5\n", "two rows for checkpoint c, dimension d"},
      {"{\"checkpoint\":\"c\"}\n", "line 1: no row of an export"},
      {"{\"checkpoint\":\n", "line 1: no JSON object"},
      {"PAR1....", "is Parquet; files are compared as csv or jsonl"},
  };
  for (const auto& c : cases) {
    EXPECT_STATUS(ReadResultFile(Write(c.text)), kInvalidArgument, folder_.File("results.csv"), c.message);
  }
  EXPECT_STATUS(ReadResultFile(folder_.File("none.csv")), kNotFound, "none.csv");
}

TEST(NamesResultFile, IsWhatLooksLikeAPath) {
  for (const char* name : {"a.csv", "a.jsonl", "a.parquet", "./a", "/tmp/a"})
    EXPECT_TRUE(NamesResultFile(name)) << name;
  for (const char* name : {"demo", "sw-1", "v1.2", ""}) EXPECT_FALSE(NamesResultFile(name)) << name;
}

}  // namespace
}  // namespace probesweep::client
