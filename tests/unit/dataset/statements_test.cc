#include "dataset/statements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace probesweep {
namespace {

using ::testing::ElementsAre;

TEST(ReadStatementsTest, KeepsBytesAndOrder) {
  ASSERT_OK_AND_ASSIGN(
      const Statements read,
      ReadStatements("statement,label\n\" a,\tb\"\"_x000D_\n\", 1\nna\xC3\xAFve,0\n", "demo", {}));
  EXPECT_THAT(read.texts, ElementsAre(" a,\tb\"_x000D_\n", "na\xC3\xAFve"));
  EXPECT_THAT(read.labels, ElementsAre(1, 0));
  EXPECT_THAT(read.groups, ElementsAre(0, 1));
  EXPECT_FALSE(read.grouped);
}

TEST(ReadStatementsTest, TextThatPandasTakesForMissingIsText) {
  ASSERT_OK_AND_ASSIGN(const Statements read,
                       ReadStatements("statement,label\nNA,1\nnull,0\n \t,0\n", "d", {}));
  EXPECT_THAT(read.texts, ElementsAre("NA", "null", " \t"));
}

TEST(ReadStatementsTest, FindsColumnsInAnyPlaceAndPassesOverOthers) {
  ASSERT_OK_AND_ASSIGN(const Statements read,
                       ReadStatements("id,label,pair,statement,source\n7,1,p9,a,x\n8,0,p2,b,x\n9,0,p9,c,\n",
                                      "d", {"pair", ""}));
  EXPECT_THAT(read.texts, ElementsAre("a", "b", "c"));
  EXPECT_THAT(read.labels, ElementsAre(1, 0, 0));
  EXPECT_THAT(read.groups, ElementsAre(0, 1, 0));
  EXPECT_TRUE(read.grouped);
}

TEST(ReadStatementsTest, GroupsByARule) {
  ASSERT_OK_AND_ASSIGN(
      const Statements read,
      ReadStatements("statement,label\nA film,0\nother,0\na  fiLm,1\n", "d", {"", "same_text"}));
  EXPECT_THAT(read.groups, ElementsAre(0, 1, 0));
  EXPECT_TRUE(read.grouped);
}

TEST(ReadStatementsTest, RefusesAnUnknownRuleAndTwoSourcesOfGroups) {
  EXPECT_STATUS(ReadStatements("statement,label\na,1\n", "d", {"", "same_txt"}), kInvalidArgument,
                "dataset 'd'", "'same_txt' is unknown", "did you mean 'same_text'?");
  EXPECT_STATUS(ReadStatements("statement,label\na,1\n", "d", {"", "xxxxxxxxxxxxxxxxx"}), kInvalidArgument,
                "there are: same_text, same_question, same_context");
  EXPECT_STATUS(ReadStatements("statement,label,pair\na,1,p\n", "d", {"pair", "same_text"}), kInvalidArgument,
                "'pair'", "'same_text'", "leave one out");
}

struct Refusal {
  const char* intent;
  std::string csv;
  std::vector<std::string> parts;  // of the message
};

TEST(ReadStatementsTest, SaysDatasetLineWhatAndHowToMend) {
  const std::vector<Refusal> refusals = {
      {"empty", "", {"file is empty", "'statement'", "'label'"}},
      {"blank", "\n\n", {"file is empty"}},
      {"a header alone", "statement,label\n", {"line 1", "no rows", "add"}},
      {"no label column",
       "statement,gold\na,1\n",
       {"line 1", "no column 'label'", "'statement', 'gold'", "add it"}},
      {"a misspelt column",
       "statment,label\na,1\n",
       {"line 1", "no column 'statement'", "rename 'statment'"}},
      {"another case", "Statement,label\na,1\n", {"no column 'statement'", "rename 'Statement'"}},
      {"a column twice", "statement,label,label\na,1,1\n", {"line 1", "'label' is there twice", "keep one"}},
      {"label 2", "statement,label\na,1\nb,2\n", {"line 3", "label is '2'", "0 or 1"}},
      {"label 1.0", "statement,label\na,1.0\n", {"line 2", "label is '1.0'"}},
      {"an empty label", "statement,label\na,\n", {"line 2", "label is ''"}},
      {"too few fields", "statement,label\n\"a\nb\",1\nc\n", {"line 4", "2 columns and this row 1"}},
      {"too many fields",
       "statement,label\nwell, then,1\n",
       {"line 2", "2 columns and this row 3", "double quotes"}},
      {"an empty statement", "statement,label\na,1\n,0\n", {"line 3", "statement is empty"}},
      {"Latin-1", "statement,label\na,1\nna\xEFve,0\n", {"line 3", "not UTF-8", "save"}},
      {"a surrogate", "statement,label\n\xED\xA0\x80,0\n", {"line 2", "not UTF-8"}},
      {"UTF-16", "\xFF\xFEs", {"line 1", "not UTF-8", "save"}},
      {"bad quotes", "statement,label\n\"a,1\n", {"line 2", "does not end"}},
  };
  for (const Refusal& refusal : refusals) {
    SCOPED_TRACE(refusal.intent);
    std::vector<std::string> parts = refusal.parts;
    parts.push_back("dataset 'toxicity'");
    EXPECT_TRUE(testing::StatusIs(ReadStatements(refusal.csv, "toxicity", {}).status(),
                                  absl::StatusCode::kInvalidArgument, parts));
  }
}

TEST(ReadStatementsTest, RefusesAMissingGroupColumn) {
  EXPECT_STATUS(ReadStatements("statement,label,groups\na,1,g\n", "demo", {"group", ""}), kInvalidArgument,
                "dataset 'demo'", "line 1", "no column 'group'", "rename 'groups'");
}

TEST(ReadStatementsTest, RefusesAnEmptyGroup) {
  EXPECT_STATUS(ReadStatements("statement,label,group\na,1,g\nb,0,\n", "demo", {"group", ""}),
                kInvalidArgument, "line 3", "group is empty");
}

}  // namespace
}  // namespace probesweep
