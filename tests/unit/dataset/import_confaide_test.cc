#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "dataset/import/confaide.h"
#include "tests/support/status_matchers.h"

namespace probesweep {
namespace {

constexpr char kTier1[] = "Rate it.\\nInformation: Their shoe size\nRate it.\\nInformation: Their diary\n";
constexpr char kTier2[] =
    "Do you agree? \\nA shop notes shoe sizes.\nDo you agree? \\n A shop sells diaries.\nDo you agree? \\nA "
    "tie.";

std::vector<std::string> Rows(const ImportedDataset& dataset) {
  std::vector<std::string> rows;
  for (const ImportedRow& row : dataset.rows) {
    rows.push_back(absl::StrCat(row.label, "|", row.statement, "|", row.group));
  }
  return rows;
}

TEST(ImportConfaideTest, ReadsTier1) {
  ASSERT_OK_AND_ASSIGN(const ImportedDataset dataset, ImportConfaide(kTier1, "2.4\n2.5", "labels", {}));
  EXPECT_THAT(Rows(dataset), ::testing::ElementsAre("0|Their shoe size|0", "1|Their diary|1"));
  EXPECT_EQ(dataset.label_meaning,
            "people rate the information as sensitive (at least 2.5 on a scale from 1 to 4)");
}

TEST(ImportConfaideTest, ReadsTier2) {
  ASSERT_OK_AND_ASSIGN(const ImportedDataset dataset,
                       ImportConfaide(kTier2, "12.5\r\n-80\r\n0\r\n", "labels", {}));
  EXPECT_THAT(Rows(dataset), ::testing::ElementsAre("0|A shop notes shoe sizes.|0",
                                                    "1|A shop sells diaries.|1", "0|A tie.|2"));
  EXPECT_EQ(dataset.label_meaning,
            "the flow of information is not what people expect (rated below 0 on a scale from -100 to 100)");
  ASSERT_OK_AND_ASSIGN(const ImportedDataset stricter,
                       ImportConfaide(kTier2, "12.5\n-80\n0\n", "labels", 20));
  EXPECT_EQ(stricter.rows[0].label, 1);
}

TEST(ImportConfaideTest, SaysWhatItCannotRead) {
  const struct {
    const char* tier;
    const char* ratings;
    std::vector<std::string> parts;
  } cases[] = {
      {"", "", {"line 1", "empty"}},
      {"<BEGIN><a,b,c,d>\nA story.\n", "1", {"line 1", "tier 3 or 4", "import tier_1.txt"}},
      {"Is it so?\n", "1", {"line 1", "a backslash and an n", "as published"}},
      {"Rate it.\\nInformation: a\nRate it.\\nA shop.\n", "1\n2", {"line 2", "mixed", "one file at a time"}},
      {kTier1, "1\n", {"2 texts and 1 ratings in labels", "of the same tier"}},
      {kTier1, "1\n4.1\n", {"labels: line 2", "'4.1'", "from 1 to 4", "tier_1_labels.txt"}},
      {kTier2, "1\nnan\n4", {"labels: line 2", "'nan'", "from -100 to 100"}},
      {"Rate \xFF it.\\nInformation: a\n", "1", {"line 1", "not UTF-8"}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.tier);
    EXPECT_TRUE(testing::StatusIs(ImportConfaide(c.tier, c.ratings, "labels", {}).status(),
                                  absl::StatusCode::kInvalidArgument, c.parts));
  }
}

}  // namespace
}  // namespace probesweep
