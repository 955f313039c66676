#include "worker/exec/scoring.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/golden/checkpoint_copy.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/worker/model/golden_model.h"

namespace probesweep::worker {
namespace {

class DemoScoringTest : public ::testing::Test {
 protected:
  DemoScoringTest() {
    const auto text = ReadFile(testing::SourceDir() + "/tests/generation/demo.json");
    EXPECT_OK(text);
    if (!text.ok()) return;
    golden_ = nlohmann::json::parse(*text);
    opened_ =
        std::make_unique<OpenedModel>(testing::SourceDir() + "/" + golden_["checkpoint"].get<std::string>());
    auto loaded = ResidentExecutor::Load(*opened_->model, *opened_->weights);
    EXPECT_OK(loaded);
    if (loaded.ok()) executor_ = *std::move(loaded);
  }

  absl::StatusOr<std::vector<Score>> Scores(const std::vector<ScoreRequest>& requests) {
    return ScoreContinuations(*executor_, requests, &pool_);
  }

  nlohmann::json golden_;
  std::unique_ptr<OpenedModel> opened_;
  std::unique_ptr<ResidentExecutor> executor_;
  ComputePool pool_{2};
};

TEST_F(DemoScoringTest, LogProbabilitiesAreThoseOfTransformers) {
  std::vector<ScoreRequest> requests;
  for (const nlohmann::json& c : golden_["scores"]) requests.push_back({c["context"], c["continuation"]});
  ASSERT_EQ(requests.size(), 20u);
  ASSERT_OK_AND_ASSIGN(const std::vector<Score> scores, Scores(requests));
  ASSERT_EQ(scores.size(), requests.size());
  int greedy = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    SCOPED_TRACE(i);
    const auto expected = golden_["scores"][i]["log_probabilities"].get<std::vector<double>>();
    ASSERT_EQ(scores[i].token_log_probabilities.size(), expected.size());
    double sum = 0;
    for (size_t token = 0; token < expected.size(); ++token) {
      EXPECT_NEAR(scores[i].token_log_probabilities[token], expected[token], 1e-4);
      sum += expected[token];
    }
    EXPECT_NEAR(scores[i].log_likelihood, sum, 1e-4);
    EXPECT_EQ(scores[i].greedy, golden_["scores"][i]["greedy"].get<bool>());
    if (scores[i].greedy) ++greedy;
  }
  EXPECT_EQ(greedy, 10);
}

// All tokens that may follow, from one pass: their probabilities sum to 1.
TEST_F(DemoScoringTest, RequestsThatDifferInTheirLastTokenShareAPass) {
  std::vector<ScoreRequest> requests;
  for (int64_t token = 0; token < opened_->model->vocab_size(); ++token)
    requests.push_back({{7, 8}, {9, token}});
  ASSERT_OK_AND_ASSIGN(const std::vector<Score> scores, Scores(requests));
  double sum = 0;
  for (const Score& score : scores) {
    EXPECT_EQ(score.token_log_probabilities[0], scores[0].token_log_probabilities[0]);
    EXPECT_FALSE(score.greedy) << "9 is not the likeliest behind 7 and 8, whatever follows it";
    sum += std::exp(score.token_log_probabilities[1]);
  }
  EXPECT_NEAR(sum, 1, 1e-4);
}

TEST_F(DemoScoringTest, RefusesWhatHasNoProbability) {
  EXPECT_STATUS(Scores({{{1}, {2}}, {{}, {2}}}), kInvalidArgument, "request 2", "bos");
  EXPECT_STATUS(Scores({{{1}, {}}}), kInvalidArgument, "request 1", "continuation has no tokens");
  EXPECT_STATUS(Scores({{{1}, {99999}}}), kInvalidArgument, "request 1", "99999");
  EXPECT_STATUS(Scores({{{99999}, {1}}}), kInvalidArgument, "request 1", "99999");
}

TEST(ScoringTest, RefusesMorePositionsThanAreLearned) {
  const testing::CheckpointCopy checkpoint("opt_bare");  // 32 positions
  const OpenedModel opened(checkpoint.path());
  EXPECT_OK(CheckScoreRequest(*opened.model, {std::vector<int64_t>(30, 1), {1, 2, 3}}));
  EXPECT_STATUS(CheckScoreRequest(*opened.model, {std::vector<int64_t>(31, 1), {1, 2, 3}}), kInvalidArgument,
                "33 positions", "learned 32");
}

}  // namespace
}  // namespace probesweep::worker
