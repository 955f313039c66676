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

// The two published files differ: the one has byte strings and a column more, the other texts and lone CRs.
TEST(ImportToxigenTest, ReadsBothPublishedFiles) {
  const std::string train =
      "text,target_group,factual?,ingroup_effect,toxicity_ai,toxicity_human,predicted_author,label,actual_"
      "method"
      "\r\n"
      "b'tea is wet',tea,opinion,doesn't use in-group language,1,1,human,neutral,TopK\r\n"
      "\"b\"\"it's \\n- tea, hot\"\"\",tea,,\"['a', 'b']\",4.0,3.6666666666666665,AI,hate,CBS";
  ASSERT_OK_AND_ASSIGN(const ImportedDataset decoded, ImportToxigen(train, kToxigenThreshold));
  ASSERT_EQ(decoded.rows.size(), 2u);
  EXPECT_EQ(decoded.rows[0].statement, "tea is wet");
  EXPECT_EQ(decoded.rows[0].label, 0);
  EXPECT_EQ(decoded.rows[1].statement, "it's \n- tea, hot");
  EXPECT_EQ(decoded.rows[1].label, 1);
  ASSERT_EQ(decoded.notes.size(), 1u);
  EXPECT_EQ(decoded.notes[0],
            "Texts that the file has as Python byte strings (b'...') and that were decoded: 2.");

  const std::string test = absl::StrCat(kHeader, "\" tea\r- milk, \"\"hot\"\"\",tea,5,5.0,topk\n");
  ASSERT_OK_AND_ASSIGN(const ImportedDataset kept, ImportToxigen(test, kToxigenThreshold));
  ASSERT_EQ(kept.rows.size(), 1u);
  EXPECT_EQ(kept.rows[0].statement, " tea\r- milk, \"hot\"");
  EXPECT_TRUE(kept.notes.empty());
}

TEST(ImportToxigenTest, SaysWhatItCannotRead) {
  const auto import = [](const std::string& csv) { return ImportToxigen(csv, kToxigenThreshold).status(); };
  EXPECT_STATUS(import("text,toxicity_ai,toxicity\na,1,1\n"), kInvalidArgument, "line 1", "'toxicity_human'");
  EXPECT_STATUS(import(absl::StrCat(kHeader, "a,b,1,1,x\nb,b,1,,x\n")), kInvalidArgument, "line 3",
                "toxicity_human is ''", "not a number", "leave the row out");
  EXPECT_STATUS(import(absl::StrCat(kHeader, "a,b,nan,1,x\n")), kInvalidArgument, "line 2",
                "toxicity_ai is 'nan'");
  EXPECT_STATUS(import(absl::StrCat(kHeader, " ,b,1,1,x\n")), kInvalidArgument, "line 2", "text is empty");
  EXPECT_STATUS(import(absl::StrCat(kHeader, "b'',b,1,1,x\n")), kInvalidArgument, "line 2", "text is empty");
  EXPECT_STATUS(import(absl::StrCat(kHeader, "a,b,1,1,x\nb'caf\\xe9',b,1,1,x\n")), kInvalidArgument, "line 3",
                "Python byte string", "not UTF-8", "leave the row out");
}

}  // namespace
}  // namespace probesweep
