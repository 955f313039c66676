#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/worker/engine/pass_fixture.h"

namespace probesweep::worker {
namespace {

using ::testing::IsEmpty;

struct Case {
  const char* intent;
  std::string csv;
  std::string group_column;
  std::vector<std::string> says;
};

std::vector<Case> BadDatasets() {
  std::string one_class = "statement,label\n";
  for (int row = 0; row < 10; ++row) absl::StrAppend(&one_class, "row ", row, ",", row < 8 ? 1 : 0, "\n");
  return {
      {"no label column",
       "statement,lable\na,1\nb,0\n",
       "",
       {"line 1", "no column 'label'", "rename 'lable'?"}},
      {"no statement column", "text,label\na,1\nb,0\n", "", {"line 1", "no column 'statement'", "add it"}},
      {"label 2", "statement,label\na,1\nb,2\n", "", {"line 3", "'2'", "write 0 or 1"}},
      {"empty file", "", "", {"the file is empty", "header"}},
      {"no rows", "statement,label\n", "", {"no rows", "add labelled statements"}},
      {"one class to train on", one_class, "", {"first 8 of 10", "all have label 1", "shuffle"}},
      {"no group column", "statement,label\na,1\nb,0\n", "pair", {"no column 'pair'"}},
      {"not UTF-8", "statement,label\n\xFF,1\nb,0\n", "", {"line 2", "UTF-8"}},
  };
}

TEST(BadDatasetTest, EachMessageNamesTheDatasetAndHowToMendIt) {
  const testing::CheckpointCopy checkpoint;
  const auto engine = MakeEngine(2);
  std::vector<PassDimension> dimensions = {MakeDimension("good", MakeCsv(30, 1))};
  const std::vector<Case> cases = BadDatasets();
  for (const Case& c : cases) {
    dimensions.push_back(MakeDimension(c.intent, c.csv));
    dimensions.back().group_column = c.group_column;
  }
  dimensions.push_back(MakeDimension("also good", MakeCsv(25, 2)));
  RecordingObserver observer;
  ASSERT_OK(engine->RunPass(MakeRequest(checkpoint.path(), dimensions), observer));
  ASSERT_EQ(observer.dimensions.size(), dimensions.size()) << "each is reported";
  for (size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(cases[i].intent);
    std::vector<std::string> says = cases[i].says;
    says.push_back(absl::StrCat("dataset '", cases[i].intent, "-set'"));
    const auto& result = observer.dimensions.at(static_cast<int>(i) + 1);
    EXPECT_TRUE(testing::StatusIs(result.status(), absl::StatusCode::kInvalidArgument, says));
  }
  for (const int good : {0, static_cast<int>(dimensions.size()) - 1}) {
    ASSERT_OK(observer.dimensions.at(good));
    EXPECT_EQ(observer.dimensions.at(good)->layers.size(), 6u) << "three layers, two protocols";
    EXPECT_EQ(observer.dimensions.at(good)->artifacts.size(), 2u);
  }
}

TEST(BadDatasetTest, AStatementBeyondTheLearnedPositionsFailsItsDimensionAlone) {
  const testing::CheckpointCopy checkpoint{"gpt2"};
  const std::string too_long = MakeCsv(30, 1) + std::string(65, 'a') + ",1\n";
  RecordingObserver observer;
  ASSERT_OK(MakeEngine(2)->RunPass(MakeRequest(checkpoint.path(), {MakeDimension("long", too_long),
                                                                   MakeDimension("good", MakeCsv(30, 2))}),
                                   observer));
  EXPECT_STATUS(observer.dimensions.at(0), kInvalidArgument, "dataset 'long-set', statement 31", "65 tokens",
                "learned 64", "shorten or remove");
  EXPECT_OK(observer.dimensions.at(1));
}

TEST(BadDatasetTest, ATextWithoutTokensIsNamedByItsRow) {
  const testing::CheckpointCopy checkpoint;
  auto tokenizer = nlohmann::json::parse(*ReadFile(checkpoint.File("tokenizer.json")));
  tokenizer["normalizer"] = {{"type", "Strip"}, {"strip_left", true}, {"strip_right", true}};
  checkpoint.Write("tokenizer.json", tokenizer.dump());
  RecordingObserver observer;
  const auto request = MakeRequest(
      checkpoint.path(),
      {MakeDimension("d", "statement,label\na,1\nb,0\n  ,1\nc,0\n"), MakeDimension("good", MakeCsv(30, 1))});
  ASSERT_OK(MakeEngine(1)->RunPass(request, observer));
  EXPECT_STATUS(observer.dimensions.at(0), kInvalidArgument, "dataset 'd-set'", "statement 3", "no tokens",
                "remove the row");
  EXPECT_OK(observer.dimensions.at(1));
}

TEST(BadDatasetTest, WithoutAGoodOneThePassEndsWell) {
  const testing::CheckpointCopy checkpoint;
  RecordingObserver observer;
  ASSERT_OK_AND_ASSIGN(
      const PassStatistics statistics,
      MakeEngine(1)->RunPass(MakeRequest(checkpoint.path(), {MakeDimension("d", "")}), observer));
  EXPECT_STATUS(observer.dimensions.at(0), kInvalidArgument, "dataset 'd-set'");
  EXPECT_EQ(statistics.statements, 0);
  EXPECT_EQ(statistics.bytes_read, 0) << "no weight is read for nothing";
  RecordingObserver nothing;
  EXPECT_OK(MakeEngine(1)->RunPass(MakeRequest(checkpoint.path(), {}), nothing));
  EXPECT_THAT(nothing.dimensions, IsEmpty());
}

}  // namespace
}  // namespace probesweep::worker
