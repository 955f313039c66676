// Questions across checkpoints, from the artifacts that a worker left.
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "tests/e2e/answers.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/sweep_text.h"

namespace probesweep::testing {
namespace {

using nlohmann::json;

std::vector<json> Lines(const std::string& text) {
  std::vector<json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(json::parse(line));
  return lines;
}

TEST(CrossCheckpointTest, TransferCosinesAndSeparabilityOfASweep) {
  Cluster cluster;
  ASSERT_NO_FATAL_FAILURE(cluster.StartCoordinator());
  cluster.StartWorker("w");
  const std::string sweep = SweepText("cross", {DemoCheckpoints("{0,4000}")}, DemoDimensions({"toxicity"}),
                                      "{protocols: [released, paper], keep_representations: true}");
  const Finished run = cluster.Submit(sweep, {"--wait"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  ExpectParts(run.err, {"the representations that it keeps will take ", "4 bytes × 2 checkpoints × "});

  // At home, a probe has the accuracy that the sweep reports.
  std::map<std::string, double> accuracies;
  for (const json& row : Lines(cluster.Client({"results", "export", "cross", "--format", "jsonl"}).out)) {
    accuracies[absl::StrCat(row["protocol"].get<std::string>(), " ", row["checkpoint"].get<std::string>(),
                            " ", row["layer"].get<int>())] = row["accuracy"];
  }
  int diagonal = 0, cells = 0;
  for (const char* const protocol : {"released", "paper"}) {
    const Finished transfer = cluster.Client({"results", "transfer", "cross", "--dimension", "toxicity",
                                              "--all-layers", "--protocol", protocol, "--format", "jsonl"});
    ASSERT_EQ(transfer.exit_code, 0) << transfer.err;
    for (const json& cell : Lines(transfer.out)) {
      ++cells;
      EXPECT_LE(cell["accuracy_low"], cell["accuracy"]);
      EXPECT_GE(cell["accuracy_high"], cell["accuracy"]);
      if (cell["fitted_step"] != cell["tested_step"]) continue;
      ++diagonal;
      const std::string key = absl::StrCat(protocol, " ", cell["fitted_checkpoint"].get<std::string>(), " ",
                                           cell["layer"].get<int>());
      ASSERT_EQ(accuracies.count(key), 1u) << key;
      EXPECT_EQ(cell["accuracy"].get<double>(), accuracies[key]) << key;
    }
  }
  EXPECT_GT(diagonal, 0);
  EXPECT_EQ(cells, 2 * diagonal);

  const Finished cosines = cluster.Client(
      {"results", "cosines", "cross", "--dimension", "toxicity", "--between", "layers", "--format", "jsonl"});
  ASSERT_EQ(cosines.exit_code, 0) << cosines.err;
  for (const json& cell : Lines(cosines.out)) {
    if (cell["layer_a"] != cell["layer_b"]) continue;
    EXPECT_NEAR(cell["cosine"].get<double>(), 1, 1e-12);
  }
  const Finished separability = cluster.Client({"results", "separability", "cross", "--format", "jsonl"});
  ASSERT_EQ(separability.exit_code, 0) << separability.err;
  ASSERT_EQ(Lines(separability.out).size(), 1u);
  EXPECT_EQ(Lines(separability.out)[0]["checkpoints"].get<std::string>().size(), 2u);
}

}  // namespace
}  // namespace probesweep::testing
