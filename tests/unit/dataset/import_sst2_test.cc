#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "dataset/import/sst2.h"
#include "tests/support/status_matchers.h"

namespace probesweep {
namespace {

int64_t Changed(const std::string& a, const std::string& b) {
  int64_t changed = 0;
  for (size_t i = 0; i < a.size(); ++i) changed += a[i] != b[i] ? 1 : 0;
  return changed;
}

TEST(ImportSst2Test, GivesEachSentenceATwinWithTheAskedShareOfCapitals) {
  const std::string tsv = absl::StrCat("sentence\tlabel\n", std::string(40, 'a'), " \t1\n\"b\" is 'c' \t0\n");
  for (const auto& [rate, capitals] : {std::pair{0.05, 2}, {0.5, 20}, {1.0, 40}, {0.001, 1}}) {
    ASSERT_OK_AND_ASSIGN(const ImportedDataset dataset, ImportSst2(tsv, rate, 0));
    ASSERT_EQ(dataset.rows.size(), 4u);
    EXPECT_EQ(dataset.rows[0].statement, std::string(40, 'a'));
    EXPECT_EQ(dataset.rows[0].label, 0);
    EXPECT_EQ(dataset.rows[1].label, 1);
    EXPECT_EQ(absl::AsciiStrToLower(dataset.rows[1].statement), dataset.rows[0].statement);
    EXPECT_EQ(Changed(dataset.rows[0].statement, dataset.rows[1].statement), capitals) << rate;
    EXPECT_EQ(dataset.rows[2].statement, "\"b\" is 'c'") << "a quote is text";
    EXPECT_EQ(Changed(dataset.rows[2].statement, dataset.rows[3].statement), rate == 1     ? 4
                                                                             : rate == 0.5 ? 2
                                                                                           : 1);
    EXPECT_EQ(dataset.rows[0].group, dataset.rows[1].group);
    EXPECT_EQ(dataset.rows[2].group, dataset.rows[3].group);
    EXPECT_NE(dataset.rows[0].group, dataset.rows[2].group);
  }
}

TEST(ImportSst2Test, DrawsTheSameLettersForTheSameSeed) {
  const std::string tsv = "index\tsentence\n0\tabcdefghijklmnopqrst\n";
  ASSERT_OK_AND_ASSIGN(const ImportedDataset first, ImportSst2(tsv, 0.25, 7));
  EXPECT_EQ(first.rows[1].statement, "abcDEfGhijkLmNopqrst");
  ASSERT_OK_AND_ASSIGN(const ImportedDataset other, ImportSst2(tsv, 0.25, 8));
  EXPECT_NE(other.rows[1].statement, first.rows[1].statement);
}

TEST(ImportSst2Test, ReadsLinesThatEndWithCarriageReturns) {
  ASSERT_OK_AND_ASSIGN(const ImportedDataset dataset,
                       ImportSst2("\xEF\xBB\xBFindex\tsentence\r\n0\ta b\r\n", 1, 0));
  EXPECT_EQ(dataset.rows[1].statement, "A B");
}

TEST(ImportSst2Test, ReadsFilesWithoutAHeader) {
  for (const std::string tsv : {"\xEF\xBB\xBF"
                                "0\ta b .\n1\tc\n",
                                "a b .\t1\r\nc\t0\r\n"}) {
    ASSERT_OK_AND_ASSIGN(const ImportedDataset dataset, ImportSst2(tsv, 1, 0));
    ASSERT_EQ(dataset.rows.size(), 4u) << tsv;
    EXPECT_EQ(dataset.rows[0].statement, "a b .");
    EXPECT_EQ(dataset.rows[1].statement, "A B .");
    EXPECT_EQ(dataset.rows[2].statement, "c");
  }
}

TEST(ImportSst2Test, TurnsLettersBeyondAscii) {
  ASSERT_OK_AND_ASSIGN(const ImportedDataset dataset, ImportSst2("sentence\tlabel\n\xC3\xA9 1\t1\n", 1, 0));
  EXPECT_EQ(dataset.rows[1].statement, "\xC3\x89 1");
}

TEST(ImportSst2Test, LeavesOutWhatHasNoSmallLetter) {
  ASSERT_OK_AND_ASSIGN(const ImportedDataset dataset, ImportSst2("sentence\n...\na\n", 0.5, 0));
  ASSERT_EQ(dataset.rows.size(), 2u);
  EXPECT_EQ(dataset.rows[0].statement, "a");
  EXPECT_EQ(dataset.rows[0].group, "1");
  ASSERT_EQ(dataset.notes.size(), 1u);
  EXPECT_THAT(dataset.notes[0], ::testing::EndsWith("no small letter to turn into a capital: 1."));
}

TEST(ImportSst2Test, SaysWhatItCannotRead) {
  EXPECT_STATUS(ImportSst2("sentence\na\n", 0, 0), kInvalidArgument, "rate is 0", "above 0 and at most 1");
  EXPECT_STATUS(ImportSst2("sentence\na\n", 1.5, 0), kInvalidArgument, "rate is 1.5");
  EXPECT_STATUS(ImportSst2("sentences\tlabel\na\t1\n", 0.5, 0), kInvalidArgument, "line 1",
                "rename 'sentences'?");
  EXPECT_STATUS(ImportSst2("sentence\tlabel\na\t1\n\nb\n", 0.5, 0), kInvalidArgument, "line 4", "2 columns",
                "this row 1");
  EXPECT_STATUS(ImportSst2("sentence\tlabel\n \t1\n", 0.5, 0), kInvalidArgument, "line 2",
                "sentence is empty");
  EXPECT_STATUS(ImportSst2("0\ta\n1\tb\n2\tc\n", 0.5, 0), kInvalidArgument, "line 3", "0 or 1 was expected",
                "not '2'", "put a header above all");
  EXPECT_STATUS(ImportSst2("a\t1\nb\n", 0.5, 0), kInvalidArgument, "line 2", "first line has 2 columns");
  EXPECT_STATUS(ImportSst2("1\t0\n", 0.5, 0), kInvalidArgument, "line 1", "no column 'sentence'");
}

}  // namespace
}  // namespace probesweep
