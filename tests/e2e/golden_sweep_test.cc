// A sweep of two demo checkpoints, read from what the client exports: the values that transformers and
// scikit-learn find (tests/golden/make_sweep_golden.py).
#include <gtest/gtest.h>

#include <set>

#include "common/file.h"
#include "tests/e2e/reference.h"
#include "tests/e2e/sweep_text.h"
#include "tests/support/status_matchers.h"

namespace probesweep::testing {
namespace {

using nlohmann::json;

TEST(GoldenSweepTest, FindsWhatOtherProgramsFind) {
  const std::string folder = SourceDir() + "/tests/golden/sweep";
  ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(folder + "/expected.json"));
  const json reference = json::parse(text);
  std::set<std::string> checkpoints;
  std::map<std::string, double> shares;
  for (const json& cell : reference) {
    checkpoints.insert(SourceDir() + "/deploy/demo/checkpoints/" + cell["checkpoint"].get<std::string>());
    shares[cell["dataset"]] = cell["steering_share"];
  }
  std::vector<DimensionText> dimensions;
  for (const auto& [dataset, share] : shares)
    dimensions.push_back({dataset, folder + "/" + dataset + ".csv", share});

  Cluster cluster;
  ASSERT_NO_FATAL_FAILURE(cluster.StartCoordinator());
  cluster.StartWorker("w");
  const Finished run =
      cluster.Submit(SweepText("golden", {checkpoints.begin(), checkpoints.end()}, dimensions), {"--wait"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const Deviations deviations = CompareWithReference(cluster, "golden", reference);
  EXPECT_EQ(deviations.cells, 24);
  ExpectAgreement(deviations);
}

}  // namespace
}  // namespace probesweep::testing
