#include "client/cli/dimension_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/digest.h"
#include "common/file.h"
#include "dataset/statements.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::client {
namespace {

constexpr const char* kGood = R"(name: mine
dataset: data/mine.csv
dataset_name: mine-v2
label_meaning: the text is mine
steering_share: 0.25
group_by: same_text
publication: Me, 2026
url: https://example.org/mine.csv
licence: CC0
sha256: 0606418a6a1bc6b80ec29acf3ead4e30211af98a7c1a803d3c8a2b4f5954fa6f
rows: 12
)";

class DimensionFileTest : public ::testing::Test {
 protected:
  absl::StatusOr<DimensionFields> Read(const std::string& text) {
    EXPECT_OK(WriteFileAtomically(folder_.File("mine.yaml"), text));
    return ReadDimensionFile(folder_.File("mine.yaml"));
  }
  absl::StatusOr<DimensionFields> ReadWith(const std::string& from, const std::string& to) {
    EXPECT_THAT(kGood, ::testing::HasSubstr(from));
    return Read(absl::StrReplaceAll(kGood, {{from, to}}));
  }

  testing::TempDir folder_;
};

TEST_F(DimensionFileTest, ReadsEveryField) {
  ASSERT_OK_AND_ASSIGN(const DimensionFields fields, Read(kGood));
  EXPECT_EQ(fields.file, folder_.File("mine.yaml"));
  EXPECT_EQ(fields.name, "mine");
  EXPECT_EQ(fields.dataset, folder_.File("data/mine.csv"));
  EXPECT_EQ(fields.dataset_name, "mine-v2");
  EXPECT_EQ(fields.label_meaning, "the text is mine");
  EXPECT_EQ(fields.steering_share, 0.25);
  EXPECT_EQ(fields.grouping->rule, "same_text");
  EXPECT_EQ(fields.publication, "Me, 2026");
  EXPECT_EQ(fields.url, "https://example.org/mine.csv");
  EXPECT_EQ(fields.licence, "CC0");
  EXPECT_EQ(fields.sha256->substr(0, 4), "0606");
  EXPECT_EQ(fields.rows, 12);
}

TEST_F(DimensionFileTest, ALabelsMeaningOverSeveralLinesIsOneSentence) {
  ASSERT_OK_AND_ASSIGN(const DimensionFields fields,
                       ReadWith("label_meaning: the text", "label_meaning: |\n  the text\n  is mine\n#"));
  EXPECT_EQ(fields.label_meaning, "the text is mine");
}

TEST_F(DimensionFileTest, TellsAllMistakesAtOnce) {
  const auto read = Read("nmae: mine\nsteering_share: 0\ngroup_by: same_txt\nsha256: 06\nrows: -1\n");
  EXPECT_STATUS(read, kInvalidArgument, "mine.yaml:1: nmae: unknown field; did you mean 'name'?\n",
                "mine.yaml:2: steering_share: must be above 0 and at most 1\n",
                "mine.yaml:3: group_by: 'same_txt' is unknown; did you mean 'same_text'?\n",
                "mine.yaml:4: sha256: '06' is no SHA-256", "mine.yaml:5: rows: '-1' must be a whole number");
  EXPECT_STATUS(ReadWith("licence: CC0", "group_column: pair"), kInvalidArgument,
                "mine.yaml:6: group_by: is given beside group_column");
  EXPECT_STATUS(ReadWith("name: mine\n", "name: m n\n"), kInvalidArgument,
                "mine.yaml:1: name: 'm n' is no name");
  EXPECT_STATUS(ReadDimensionFile(folder_.File("none.yaml")), kNotFound, "none.yaml");
}

TEST_F(DimensionFileTest, WhatIsWrittenOverItCounts) {
  ASSERT_OK_AND_ASSIGN(const DimensionFields under, Read(kGood));
  DimensionFields over;
  over.grouping = Grouping{"pair", ""};
  over.dataset = "/elsewhere/other.csv";
  const DimensionFields merged = Merged(over, under);
  EXPECT_EQ(merged.grouping->column, "pair");
  EXPECT_EQ(merged.grouping->rule, "") << "a column takes the rule's place";
  EXPECT_EQ(merged.dataset, "/elsewhere/other.csv");
  EXPECT_EQ(merged.name, "mine");
  EXPECT_EQ(merged.file, under.file);
}

TEST_F(DimensionFileTest, WarnsOfAnotherDatasetThanDescribed) {
  ASSERT_OK_AND_ASSIGN(DimensionFields fields, Read(kGood));
  const std::string warning = ChecksumWarning(fields, "other bytes");
  EXPECT_THAT(warning, ::testing::HasSubstr("data/mine.csv is not the dataset that"));
  EXPECT_THAT(warning, ::testing::HasSubstr("mine.yaml describes"));
  EXPECT_THAT(warning, ::testing::HasSubstr("https://example.org/mine.csv"));
  fields.sha256 = Sha256Hex("other bytes");
  EXPECT_EQ(ChecksumWarning(fields, "other bytes"), "");
  fields.sha256.reset();
  EXPECT_EQ(ChecksumWarning(fields, "other bytes"), "");
}

constexpr const char* kOfficial[] = {"reliability", "privacy", "toxicity", "fairness", "robustness"};

TEST(OfficialDimensionsTest, SayWhatAReaderNeedsToKnow) {
  for (const char* const name : kOfficial) {
    SCOPED_TRACE(name);
    ASSERT_OK_AND_ASSIGN(
        const DimensionFields fields,
        ReadDimensionFile(absl::StrCat(testing::SourceDir(), "/deploy/dimensions/", name, ".yaml")));
    EXPECT_EQ(fields.name, name);
    EXPECT_TRUE(fields.dataset && fields.dataset_name && fields.label_meaning && fields.grouping);
    EXPECT_TRUE(fields.publication && fields.url && fields.licence && fields.sha256 && fields.rows);
    EXPECT_EQ(fields.steering_share, fields.dataset_name == "truthfulqa" ? 1.0 : 0.5);
  }
}

TEST(OfficialDimensionsTest, DescribeTheReleasedDatasets) {
  if (testing::SharedData().empty()) GTEST_SKIP() << "shared/data is not here";
  for (const char* const name : kOfficial) {
    SCOPED_TRACE(name);
    ASSERT_OK_AND_ASSIGN(
        const DimensionFields fields,
        ReadDimensionFile(absl::StrCat(testing::SourceDir(), "/deploy/dimensions/", name, ".yaml")));
    const std::string file = fields.dataset->substr(fields.dataset->rfind('/'));
    ASSERT_OK_AND_ASSIGN(const std::string csv, ReadFile(testing::SharedData() + "/datasets" + file));
    EXPECT_EQ(ChecksumWarning(fields, csv), "");
    ASSERT_OK_AND_ASSIGN(const Statements read, ReadStatements(csv, name, *fields.grouping));
    EXPECT_EQ(static_cast<int64_t>(read.texts.size()), *fields.rows);
  }
}

}  // namespace
}  // namespace probesweep::client
