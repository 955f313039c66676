#include "dataset/auroc.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace probesweep {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Case {
  const char* intent;
  std::vector<double> scores;
  std::vector<int> labels;
  std::optional<double> auroc;
};

TEST(AurocTest, CountsOrderedPairs) {
  const std::vector<Case> cases = {
      {"perfect order", {0.1, 0.2, 0.8, 0.9}, {0, 0, 1, 1}, 1.0},
      {"reversed", {0.9, 0.8, 0.2, 0.1}, {0, 0, 1, 1}, 0.0},
      {"one pair of four wrong", {-2.0, 0.5, 0.25, 3.0}, {0, 0, 1, 1}, 0.75},
      {"a tie counts half", {1.0, 1.0}, {0, 1}, 0.5},
      {"ties of several rows", {1.0, 1.0, 1.0, 2.0, 2.0, 0.0}, {0, 1, 1, 0, 1, 0}, 5.5 / 9.0},
      {"all tied", {3.0, 3.0, 3.0}, {1, 0, 1}, 0.5},
      {"infinite scores", {-kInfinity, kInfinity, 0.0}, {0, 1, 1}, 1.0},
      {"zeros of either sign are tied", {-0.0, 0.0}, {0, 1}, 0.5},
      {"label 1 only", {1.0, 2.0}, {1, 1}, std::nullopt},
      {"label 0 only", {1.0}, {0}, std::nullopt},
      {"no rows", {}, {}, std::nullopt},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.intent);
    EXPECT_EQ(Auroc(c.scores, c.labels), c.auroc);
  }
}

TEST(AurocTest, EqualsTheCountOfAllPairs) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<double> scores(60);
    std::vector<int> labels(60);
    for (double& score : scores) score = static_cast<double>(random() % 20);
    for (int& label : labels) label = static_cast<int>(random() % 2);
    labels[0] = 0;
    labels[1] = 1;
    double won = 0.0, pairs = 0.0;
    for (size_t i = 0; i < scores.size(); ++i) {
      for (size_t j = 0; j < scores.size(); ++j) {
        if (labels[i] != 1 || labels[j] != 0) continue;
        pairs += 1.0;
        won += scores[i] > scores[j] ? 1.0 : scores[i] == scores[j] ? 0.5 : 0.0;
      }
    }
    EXPECT_DOUBLE_EQ(Auroc(scores, labels).value(), won / pairs);
  }
}

}  // namespace
}  // namespace probesweep
