#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "dataset/import/toxigen.h"
#include "tests/support/status_matchers.h"

namespace probesweep {
namespace {

constexpr char kHeader[] = "text,target_group,toxicity_ai,toxicity_human,actual_method\n";

TEST(ImportToxigenTest, LabelsByTheSumOfBothScores) {
  const std::string csv = absl::StrCat(kHeader,
                                       " tea is _x000D_ wet,tea,2.0,3.5,x\n"
                                       "\"tea, hot\",tea,2,3.6,x\n"
                                       "tea,tea,1.0,1.3333333333,x\n");
  ASSERT_OK_AND_ASSIGN(const ImportedDataset dataset, ImportToxigen(csv, kToxigenThreshold));
  ASSERT_EQ(dataset.rows.size(), 3u);
  EXPECT_EQ(dataset.rows[0].statement, " tea is _x000D_ wet") << "bytes are kept";
  EXPECT_EQ(dataset.rows[0].label, 0) << "5.5 is not above 5.5";
  EXPECT_EQ(dataset.rows[1].statement, "tea, hot");
  EXPECT_EQ(dataset.rows[1].label, 1);
  EXPECT_EQ(dataset.rows[2].label, 0);
  EXPECT_EQ(dataset.rows[2].group, "");
  ASSERT_OK_AND_ASSIGN(const ImportedDataset stricter, ImportToxigen(csv, 6));
  EXPECT_EQ(stricter.rows[1].label, 0);
  EXPECT_EQ(stricter.label_meaning, "the statement is toxic (toxicity_human + toxicity_ai above 6)");
}

TEST(ImportToxigenTest, SaysWhatItCannotRead) {
  const auto import = [](const std::string& csv) { return ImportToxigen(csv, kToxigenThreshold).status(); };
  EXPECT_STATUS(import("text,toxicity_ai,toxicity\na,1,1\n"), kInvalidArgument, "line 1", "'toxicity_human'");
  EXPECT_STATUS(import(absl::StrCat(kHeader, "a,b,1,1,x\nb,b,1,,x\n")), kInvalidArgument, "line 3",
                "toxicity_human is ''", "not a number", "leave the row out");
  EXPECT_STATUS(import(absl::StrCat(kHeader, "a,b,nan,1,x\n")), kInvalidArgument, "line 2",
                "toxicity_ai is 'nan'");
  EXPECT_STATUS(import(absl::StrCat(kHeader, " ,b,1,1,x\n")), kInvalidArgument, "line 2", "text is empty");
}

}  // namespace
}  // namespace probesweep
