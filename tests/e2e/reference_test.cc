// Five checkpoints of a larger model over the published datasets: minutes of work, on data that may not be
// copied into the project.
#include "tests/e2e/reference.h"

#include <gtest/gtest.h>

#include "common/file.h"
#include "tests/e2e/sweep_text.h"
#include "tests/support/status_matchers.h"

namespace probesweep::testing {
namespace {

TEST(ReferenceTest, FindsWhatThePublishedMethodFinds) {
  const std::string shared = SharedData();
  if (shared.empty()) GTEST_SKIP() << "shared/data is not here";
  ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(shared + "/reference/mini-neox.json"));
  const nlohmann::json reference = nlohmann::json::parse(text);
  ASSERT_EQ(reference.size(), 150u);
  std::vector<DimensionText> dimensions;
  for (const char* dataset : {"truthfulqa_train", "confaide", "toxigen", "stereoset", "sst2"}) {
    dimensions.push_back({dataset, shared + "/datasets/" + dataset + ".csv"});
  }
  dimensions[0].steering_share = 1.0;

  Cluster cluster;
  ASSERT_NO_FATAL_FAILURE(cluster.StartCoordinator());
  cluster.StartWorker("w", {"--threads", "0"});
  const Finished run = cluster.Submit(
      SweepText("reference", {shared + "/mini-neox/step{0,64,512,2000,8000}"}, dimensions), {"--wait"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const Deviations deviations = CompareWithReference(cluster, "reference", reference);
  EXPECT_EQ(deviations.cells, 150);
  ExpectAgreement(deviations);
}

}  // namespace
}  // namespace probesweep::testing
