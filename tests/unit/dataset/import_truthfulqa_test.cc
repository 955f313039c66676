#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "dataset/import/truthfulqa.h"
#include "tests/support/status_matchers.h"

namespace probesweep {
namespace {

constexpr char kHeader[] = "Type,Category,Question,Best Answer,Correct Answers,Incorrect Answers,Source\n";

std::vector<std::string> Rows(const ImportedDataset& dataset) {
  std::vector<std::string> rows;
  for (const ImportedRow& row : dataset.rows) {
    rows.push_back(absl::StrCat(row.label, "|", row.statement, "|", row.group));
  }
  return rows;
}

TEST(ImportTruthfulQaTest, MakesARowOfEachAnswer) {
  ASSERT_OK_AND_ASSIGN(
      const ImportedDataset dataset,
      ImportTruthfulQa(absl::StrCat(
          kHeader,
          "Adversarial,Tea,\"Is tea, if green, wet?\",Yes,\"Yes; It is wet.\",\"No; \"\"Dry\"\"\",-\n"
          "Adversarial,Tea, Is ice warm? ,It is cold,It is not;;It is cold; ,It is,-\n")));
  EXPECT_THAT(Rows(dataset),
              ::testing::ElementsAre("1|Q: Is tea, if green, wet?\tA: Yes.|Is tea, if green, wet?",
                                     "1|Q: Is tea, if green, wet?\tA: It is wet.|Is tea, if green, wet?",
                                     "0|Q: Is tea, if green, wet?\tA: No.|Is tea, if green, wet?",
                                     "0|Q: Is tea, if green, wet?\tA: \"Dry\".|Is tea, if green, wet?",
                                     "1|Q: Is ice warm?\tA: It is cold.|Is ice warm?",
                                     "1|Q: Is ice warm?\tA: It is not.|Is ice warm?",
                                     "0|Q: Is ice warm?\tA: It is.|Is ice warm?"));
}

TEST(ImportTruthfulQaTest, TakesTheBestIncorrectAnswerWhereThereIsOne) {
  ASSERT_OK_AND_ASSIGN(const ImportedDataset dataset,
                       ImportTruthfulQa("Question,Best Answer,Best Incorrect Answer,Correct Answers,"
                                        "Incorrect Answers\nWho?,I,You,I,They; You\n"));
  EXPECT_THAT(Rows(dataset), ::testing::ElementsAre("1|Q: Who?\tA: I.|Who?", "0|Q: Who?\tA: You.|Who?",
                                                    "0|Q: Who?\tA: They.|Who?"));
}

TEST(ImportTruthfulQaTest, SaysWhatItCannotRead) {
  const struct {
    std::string csv;
    std::vector<std::string> parts;
  } cases[] = {
      {"", {"line 1", "empty", "give the publication's own file"}},
      {kHeader, {"line 1", "no rows"}},
      {"Question,Best Answer,Correct Answer,Incorrect Answers\na,b,c,d\n",
       {"line 1", "'Correct Answers'", "rename 'Correct Answer'?"}},
      {absl::StrCat(kHeader, "a,b,Who?,I,I,You,-\na,b,Who?,I,You\n"), {"line 3", "7 columns", "this row 5"}},
      {absl::StrCat(kHeader, "a,b, ,I,I,You,-\n"), {"line 2", "Question is empty", "leave the row out"}},
      {absl::StrCat(kHeader, "a,b,Who?,,;,You,-\n"), {"line 2", "Correct Answers is empty", "semicolons"}},
      {absl::StrCat(kHeader, "a,b,Who?,I,I,,-\n"), {"line 2", "Incorrect Answers is empty"}},
      {absl::StrCat(kHeader, "a,b,Who?,I,\xE9,You,-\n"), {"line 2", "not UTF-8", "iconv"}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.csv);
    EXPECT_TRUE(
        testing::StatusIs(ImportTruthfulQa(c.csv).status(), absl::StatusCode::kInvalidArgument, c.parts));
  }
}

}  // namespace
}  // namespace probesweep
