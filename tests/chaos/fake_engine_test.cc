#include "tests/support/fake_engine.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace probesweep::testing {
namespace {

using worker::DimensionResult;

class Observer : public worker::PassObserver {
 public:
  void OnProgress(int layers_done, int /*layers_total*/) override { layers = layers_done; }
  void OnDimension(int /*index*/, absl::StatusOr<DimensionResult> result) override {
    results.push_back(std::move(result));
  }
  bool Cancelled() override { return cancelled; }

  bool cancelled = false;
  int layers = 0;
  std::vector<absl::StatusOr<DimensionResult>> results;
};

worker::PassRequest Request(const std::string& checkpoint) {
  worker::PassRequest request;
  request.checkpoint = checkpoint;
  request.analysis.protocols = {"released"};
  for (const char* name : {"a", "b"}) {
    request.dimensions.emplace_back();
    request.dimensions.back().name = name;
  }
  return request;
}

FakeEngineOptions Quick() {
  FakeEngineOptions options;
  options.layer_time = absl::ZeroDuration();
  return options;
}

// The accuracies of both dimensions, by layer; empty when one failed.
std::vector<double> Accuracies(const FakeEngineOptions& options, const std::string& checkpoint) {
  Observer observer;
  EXPECT_TRUE(FakeEngine(options, RandomSource::System()).RunPass(Request(checkpoint), observer).ok());
  std::vector<double> accuracies;
  for (const auto& result : observer.results) {
    if (!result.ok()) return {};
    for (const worker::LayerResult& layer : result->layers) {
      accuracies.push_back(layer.values.at("accuracy"));
    }
  }
  return accuracies;
}

TEST(FakeEngineTest, NumbersFollowFromCheckpointDimensionAndLayer) {
  const std::vector<double> numbers = Accuracies(Quick(), "step0");
  ASSERT_EQ(numbers.size(), 8u);
  EXPECT_EQ(Accuracies(Quick(), "step0"), numbers);
  EXPECT_NE(Accuracies(Quick(), "step1"), numbers);
  for (size_t i = 0; i < numbers.size(); ++i) {
    for (size_t j = 0; j < i; ++j) EXPECT_NE(numbers[i], numbers[j]);
  }
}

TEST(FakeEngineTest, AWrongCheckpointGivesOtherNumbersAndNoOtherDoes) {
  FakeEngineOptions wrong = Quick();
  wrong.wrong_checkpoint = "step0";
  EXPECT_NE(Accuracies(wrong, "step0"), Accuracies(Quick(), "step0"));
  EXPECT_EQ(Accuracies(wrong, "step1"), Accuracies(Quick(), "step1"));
}

TEST(FakeEngineTest, FailsWhenItIsToldTo) {
  FakeEngineOptions failing = Quick();
  failing.failing_share = 1;
  Observer observer;
  ASSERT_TRUE(FakeEngine(failing, RandomSource::System()).RunPass(Request("step0"), observer).ok());
  ASSERT_EQ(observer.results.size(), 2u);
  for (const auto& result : observer.results) EXPECT_TRUE(absl::IsResourceExhausted(result.status()));
}

TEST(FakeEngineTest, ACancelledPassEndsBeforeItsNextLayer) {
  Observer observer;
  observer.cancelled = true;
  EXPECT_TRUE(absl::IsCancelled(
      FakeEngine(Quick(), RandomSource::System()).RunPass(Request("step0"), observer).status()));
  EXPECT_EQ(observer.layers, 0);
  EXPECT_TRUE(observer.results.empty());
}

}  // namespace
}  // namespace probesweep::testing
