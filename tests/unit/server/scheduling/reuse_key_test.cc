#include "server/scheduling/reuse_key.h"

#include <gtest/gtest.h>

#include <functional>

#include "common/digest.h"
#include "tests/support/sample_sweeps.h"

namespace probesweep::server {
namespace {

struct Work {
  SweepSpec spec = testing::SampleSpec();
  Checkpoint checkpoint = testing::SamplePlan(1).checkpoints[0];
  Dimension dimension = testing::SampleDimension("truth");
  std::string engine_version = "engine-1";
  std::string task_id = "task";

  std::string Key() const { return ReuseKey(spec, checkpoint, dimension, engine_version, task_id); }
};

TEST(ReuseKey, IsADigestAndTheSameForTheSameWork) {
  EXPECT_EQ(Work().Key(), Work().Key());
  EXPECT_TRUE(IsDigest(Work().Key()));
}

TEST(ReuseKey, ChangesWithEverythingThatMayChangeANumberOrAnArtifactsBytes) {
  const struct {
    const char* what;
    std::function<void(Work&)> change;
  } cases[] = {
      {"checkpoint identity", [](Work& w) { w.checkpoint.identity = Sha256Hex("other"); }},
      {"checkpoint name", [](Work& w) { w.checkpoint.name = "other"; }},
      {"model", [](Work& w) { w.spec.model = "other"; }},
      {"dimension name", [](Work& w) { w.dimension.name = "other"; }},
      {"dataset name", [](Work& w) { w.dimension.dataset = "other"; }},
      {"dataset bytes", [](Work& w) { w.dimension.dataset_digest = Sha256Hex("other"); }},
      {"steering share", [](Work& w) { w.dimension.steering_share = 0.5000001; }},
      {"group column", [](Work& w) { w.dimension.group_column = "pair"; }},
      {"group rule", [](Work& w) { w.dimension.group_rule = "same_text"; }},
      {"recompute", [](Work& w) { w.spec.recompute = "check-1"; }},
      {"solver", [](Work& w) { w.spec.analysis.solver = "sklearn"; }},
      {"hsic_scale_by_dimension", [](Work& w) { w.spec.analysis.hsic_scale_by_dimension = false; }},
      {"estimators", [](Work& w) { w.spec.analysis.estimators = {"cka"}; }},
      {"splits", [](Work& w) { w.spec.analysis.splits = 6; }},
      {"seed", [](Work& w) { w.spec.analysis.seed = 1; }},
      {"permutations", [](Work& w) { w.spec.analysis.permutations = 201; }},
      {"keep_representations", [](Work& w) { w.spec.analysis.keep_representations = true; }},
      {"protocols",
       [](Work& w) {
         w.spec.analysis.protocols = {"released", "released"};
       }},
      {"probe_c", [](Work& w) { w.spec.analysis.probe_c = 2; }},
      {"hsic_sigma", [](Work& w) { w.spec.analysis.hsic_sigma = 51; }},
      {"hsic_epsilon", [](Work& w) { w.spec.analysis.hsic_epsilon = 1e-6; }},
      {"keep_probes", [](Work& w) { w.spec.analysis.keep_probes = false; }},
      {"keep_steering_vectors", [](Work& w) { w.spec.analysis.keep_steering_vectors = false; }},
      {"engine version", [](Work& w) { w.engine_version = "engine-2"; }},
  };
  for (const auto& c : cases) {
    Work work;
    c.change(work);
    EXPECT_NE(work.Key(), Work().Key()) << c.what;
  }
}

TEST(ReuseKey, IgnoresWhatDoesNotReachTheEngine) {
  Work work;
  work.spec.name = "other";
  work.spec.priority = Priority::kHigh;
  work.spec.weight = 7;
  work.checkpoint.step = 99;
  work.dimension.label_meaning = "is false";
  work.task_id = "another task";
  EXPECT_EQ(work.Key(), Work().Key());
}

TEST(ReuseKey, FieldsDoNotRunIntoOneAnother) {
  Work a, b;
  a.spec.model = "ab";
  a.checkpoint.name = "c";
  b.spec.model = "a";
  b.checkpoint.name = "bc";
  EXPECT_NE(a.Key(), b.Key());
}

TEST(ReuseKey, ACheckpointThatCouldNotBeSeenIsSharedWithNoOtherTask) {
  Work a, b;
  a.checkpoint.identity = b.checkpoint.identity = "";
  EXPECT_EQ(a.Key(), b.Key());
  b.task_id = "another task";
  EXPECT_NE(a.Key(), b.Key());
}

}  // namespace
}  // namespace probesweep::server
