#include "dataset/dataset_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

Statements Read(const std::string& rows, const Grouping& grouping = {}) {
  absl::StatusOr<Statements> read = ReadStatements(absl::StrCat("statement,label\n", rows), "d", grouping);
  EXPECT_OK(read);
  return read.value_or(Statements());
}

// Texts that say nothing about their label: each number under one of the two, by a fixed rule of thumb.
std::string Neutral(int rows) {
  std::string csv;
  for (int row = 0; row < rows; ++row) {
    const int label = (row * row / 3 + row / 7) % 2;
    absl::StrAppend(&csv, "x", row, " is plain text of word", row % 10, " and word", row / 10 % 10, ",");
    absl::StrAppend(&csv, label, "\n");
  }
  return csv;
}

std::string Warnings(const DatasetReport& report) { return absl::StrJoin(DatasetWarnings(report), "\n"); }

TEST(DatasetReportTest, CountsRowsRepeatsAndShapes) {
  const DatasetReport report =
      ExamineDataset(Read("abc,1\nABCDE,0\nabc,0\nABC,0\nabc,1\nlonger text,1\n"), "d");
  EXPECT_EQ(report.rows, 6);
  EXPECT_EQ(report.shapes[1].rows, 3);
  EXPECT_EQ(report.shapes[0].rows, 3);
  EXPECT_DOUBLE_EQ(report.shapes[1].mean_characters, 17.0 / 3);
  EXPECT_EQ(report.shapes[1].median_characters, 3);
  EXPECT_DOUBLE_EQ(report.shapes[0].mean_capitals, 8.0 / 3);
  EXPECT_EQ(report.repeated_rows, 2);
  EXPECT_EQ(report.repeated_folded_rows, 3);
  EXPECT_EQ(report.contradicting_texts, 1);
  EXPECT_EQ(report.groups, 4);
  EXPECT_EQ(report.largest_group, 3);
  EXPECT_EQ(report.joined_rows, 3);
}

TEST(DatasetReportTest, SeesGroupsThatTheReleasedSplitParts) {
  // Twins stand in the first and the second half: the last fifth's twins are all in the first four.
  std::string csv;
  for (const bool capitals : {false, true}) {
    for (int row = 0; row < 50; ++row) {
      const std::string text = absl::StrCat("some text ", row * 7919);
      absl::StrAppend(&csv, capitals ? absl::AsciiStrToUpper(text) : text, ",", row % 2, "\n");
    }
  }
  const DatasetReport report = ExamineDataset(Read(csv, {"", "same_text"}), "d");
  EXPECT_EQ(report.groups, 50);
  EXPECT_EQ(report.parted_groups, 20);
  EXPECT_EQ(report.released.test_rows, 20);
  EXPECT_EQ(report.released.shared_test_rows, 20);
  EXPECT_EQ(report.by_group.shared_test_rows, 0);
  EXPECT_THAT(Warnings(report), HasSubstr("20 of its 20 test rows (100.0 %) share a group"));

  const DatasetReport ungrouped = ExamineDataset(Read(csv), "d");
  EXPECT_EQ(ungrouped.released.shared_test_rows, 0);
  EXPECT_THAT(Warnings(ungrouped), HasSubstr("rule same_text would join 100 of 100 rows"));
}

TEST(DatasetReportTest, WarnsWhenLengthAndCapitalsTellTheLabel) {
  std::string csv;
  for (int row = 0; row < 400; ++row) {
    absl::StrAppend(&csv, row % 2 == 0 ? "Word A" : "word a", " x", row * 7919, ",", row % 2, "\n");
  }
  const DatasetReport report = ExamineDataset(Read(csv), "d");
  EXPECT_EQ(report.by_group.shape.accuracy, 1);
  EXPECT_EQ(report.by_group.shape.auroc, 1);
  EXPECT_THAT(Warnings(report),
              HasSubstr("Length and capital letters alone tell the label with accuracy 1.000"));
}

TEST(DatasetReportTest, HasNothingToSayOfTextsThatTellNothing) {
  const DatasetReport report = ExamineDataset(Read(Neutral(600)), "d");
  EXPECT_NEAR(report.by_group.surface.accuracy, 0.5, 0.1);
  EXPECT_THAT(DatasetWarnings(report), IsEmpty()) << Warnings(report);
  EXPECT_EQ(report.by_group.splits, 5);
  EXPECT_EQ(report.by_group.train_rows, 480);
}

TEST(DatasetReportTest, WarnsOfContradictionsRareLabelsAndFewRows) {
  const DatasetReport report = ExamineDataset(
      Read(
          "a b,0\nc d,1\ne f,0\ng h,0\ni j,0\nk l,0\nm n,0\no p,0\na b,1\nq r,0\ns t,0\nu v,0\nw x,0\ny z,0\n"
          "aa bb,0\n"),
      "d");
  const std::string warnings = Warnings(report);
  EXPECT_THAT(warnings, HasSubstr("under both labels, spelt the same: 1."));
  EXPECT_THAT(warnings, HasSubstr("very same as an earlier row's: 1."));
  EXPECT_THAT(warnings, HasSubstr("Only 13 % of the rows have the rarer label"));
  EXPECT_THAT(warnings,
              HasSubstr("Test rows under protocol released: 3, so that an accuracy is good to about ±0.57"));
  EXPECT_THAT(warnings, HasSubstr("one label only, so that there is no AUROC"));
}

TEST(DatasetReportTest, SaysWhySplitsCannotBeMade) {
  const DatasetReport sorted = ExamineDataset(Read("a,0\nb,0\nc,0\nd,0\ne,1\n"), "d");
  EXPECT_STATUS(sorted.released.status, kInvalidArgument, "first 4 of 5", "all have label 0", "shuffle");
  EXPECT_EQ(sorted.released.splits, 0);
  EXPECT_OK(sorted.by_group.status);
  const DatasetReport one_group =
      ExamineDataset(Read("Is it? a,0\nIs it? b,1\nIs it? c,0\n", {"", "same_question"}), "d");
  EXPECT_STATUS(one_group.by_group.status, kInvalidArgument, "3 rows form 1 group,");
}

struct Released {
  const char* file;
  const char* rule;
  int64_t shared_test_rows;  // under the released split
  double surface;            // accuracy there
  const char* warning;
};

TEST(DatasetReportTest, FlagsTheReleasedDatasets) {
  if (testing::SharedData().empty()) GTEST_SKIP() << "shared/data is not here";
  const Released datasets[] = {
      {"sst2.csv", "same_text", 605, 0.9931, "Length and capital letters alone"},
      {"truthfulqa_train.csv", "same_question", 451, 0.5717, "share a group with training rows"},
      {"toxigen.csv", "same_text", 23, 0.7797, "Words, length and capital letters"},
      {"confaide.csv", "same_text", 20, 0.7894, "under both labels"},
      {"stereoset.csv", "same_context", 71, 0.7903, "Words, length and capital letters"},
  };
  for (const Released& released : datasets) {
    SCOPED_TRACE(released.file);
    ASSERT_OK_AND_ASSIGN(const std::string csv,
                         ReadFile(testing::SharedData() + "/datasets/" + released.file));
    ASSERT_OK_AND_ASSIGN(const Statements read, ReadStatements(csv, released.file, {"", released.rule}));
    const DatasetReport report = ExamineDataset(read, released.file);
    EXPECT_EQ(report.released.shared_test_rows, released.shared_test_rows);
    EXPECT_NEAR(report.released.surface.accuracy, released.surface, 1e-4);
    EXPECT_THAT(Warnings(report), HasSubstr(released.warning));
    EXPECT_EQ(report.by_group.shared_test_rows, 0);
  }
}

}  // namespace
}  // namespace probesweep
