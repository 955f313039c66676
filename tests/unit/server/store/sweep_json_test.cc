#include "server/store/sweep_json.h"

#include <gtest/gtest.h>

#include "tests/support/sample_sweeps.h"
#include "tests/support/status_matchers.h"

namespace probesweep::server {
namespace {

SweepSpec FullSpec() {
  SweepSpec spec = testing::SampleSpec();
  spec.checkpoints = {{"/m/{1,2}", 5, 600}, {"/n", {}, {}}};
  spec.dimensions[1].steering_share = 1.0 / 3;
  spec.dimensions[1].group_column = "pair";
  spec.analysis.probe_c = 0.1;
  spec.analysis.hsic_sigma = 49.5;
  spec.analysis.hsic_epsilon = 1e-7;
  spec.analysis.keep_probes = false;
  spec.analysis.keep_steering_vectors = false;
  spec.dimensions[0].group_rule = "same_text";
  spec.analysis.solver = "sklearn";
  spec.analysis.hsic_scale_by_dimension = false;
  spec.analysis.estimators = {"cka"};
  spec.analysis.splits = 7;
  spec.analysis.seed = 11;
  spec.analysis.permutations = 0;
  spec.analysis.keep_representations = true;
  spec.recompute = "check-1";
  spec.priority = Priority::kLow;
  spec.weight = 0.25;
  spec.tokens_per_step = 2097152;
  return spec;
}

TEST(SweepJson, ASpecReadsBackToTheSameBytes) {
  const std::string text = SpecToJson(FullSpec());
  SweepSpec read;
  ASSERT_OK(SpecFromJson(text, read));
  EXPECT_EQ(SpecToJson(read), text);
  EXPECT_EQ(read.analysis.Canonical(), FullSpec().analysis.Canonical());
  EXPECT_EQ(read.dimensions[0].group_rule, "same_text");
  EXPECT_EQ(read.recompute, "check-1");
  EXPECT_EQ(read.dimensions[1].steering_share, 1.0 / 3);
  EXPECT_EQ(read.checkpoints[0].step, 5);
  EXPECT_EQ(read.checkpoints[1].tokens, std::nullopt);
}

TEST(SweepJson, EverySpecFieldIsInTheText) {
  const auto differs = [](auto change) {
    SweepSpec changed = FullSpec();
    change(changed);
    return SpecToJson(changed) != SpecToJson(FullSpec());
  };
  EXPECT_TRUE(differs([](SweepSpec& s) { s.name = "x"; }));
  EXPECT_TRUE(differs([](SweepSpec& s) { s.model = "x"; }));
  EXPECT_TRUE(differs([](SweepSpec& s) { s.checkpoints.pop_back(); }));
  EXPECT_TRUE(differs([](SweepSpec& s) { s.checkpoints[0].pattern = "/x"; }));
  EXPECT_TRUE(differs([](SweepSpec& s) { s.checkpoints[0].step.reset(); }));
  EXPECT_TRUE(differs([](SweepSpec& s) { s.checkpoints[1].tokens = 0; }));
  EXPECT_TRUE(differs([](SweepSpec& s) { s.dimensions[0].dataset = "x"; }));
  EXPECT_TRUE(differs([](SweepSpec& s) { s.dimensions[0].dataset_digest = "x"; }));
  EXPECT_TRUE(differs([](SweepSpec& s) { s.dimensions[0].label_meaning = "x"; }));
  EXPECT_TRUE(differs([](SweepSpec& s) { s.analysis.protocols = {"x"}; }));
  EXPECT_TRUE(differs([](SweepSpec& s) { s.dimensions[0].group_rule = ""; }));
  EXPECT_TRUE(differs([](SweepSpec& s) { s.analysis.solver = "exact"; }));
  EXPECT_TRUE(differs([](SweepSpec& s) { s.analysis.hsic_scale_by_dimension = true; }));
  EXPECT_TRUE(differs([](SweepSpec& s) { s.analysis.estimators.clear(); }));
  EXPECT_TRUE(differs([](SweepSpec& s) { s.analysis.splits = 5; }));
  EXPECT_TRUE(differs([](SweepSpec& s) { s.analysis.seed = 0; }));
  EXPECT_TRUE(differs([](SweepSpec& s) { s.analysis.permutations = 200; }));
  EXPECT_TRUE(differs([](SweepSpec& s) { s.analysis.keep_representations = false; }));
  EXPECT_TRUE(differs([](SweepSpec& s) { s.recompute = ""; }));
  EXPECT_TRUE(differs([](SweepSpec& s) { s.priority = Priority::kHigh; }));
  EXPECT_TRUE(differs([](SweepSpec& s) { s.weight = 0.5; }));
  EXPECT_TRUE(differs([](SweepSpec& s) { s.tokens_per_step = 0; }));
}

TEST(SweepJson, FieldsThatAnOlderReleaseDidNotWriteReadAsTheirDefaults) {
  SweepSpec read;
  ASSERT_OK(SpecFromJson(R"({"name": "n", "model": "m", "checkpoints": [{"pattern": "/p"}], "analysis": {},
                             "dimensions": [{"name": "d", "dataset": "s", "dataset_digest": "x"}]})",
                         read));
  EXPECT_EQ(read.priority, Priority::kNormal);
  EXPECT_EQ(read.weight, 1);
  EXPECT_EQ(read.dimensions[0].steering_share, 0.5);
  EXPECT_EQ(read.analysis.Canonical(), AnalysisConfig().Canonical());
}

TEST(SweepJson, WhatCannotBeReadIsDataLoss) {
  SweepSpec spec;
  Sweep sweep;
  ResultValues values;
  std::vector<std::string> names;
  for (const char* text : {"", "{", "[]", R"({"name": 1})", "null"}) {
    EXPECT_STATUS(SpecFromJson(text, spec), kDataLoss, "sweep");
    EXPECT_STATUS(PlanFromJson(text, sweep), kDataLoss, "plan");
  }
  EXPECT_STATUS(ValuesFromJson(R"({"accuracy": null})", values), kDataLoss, "result");
  EXPECT_STATUS(NamesFromJson(R"([1])", names), kDataLoss, "names");
}

TEST(SweepJson, APlanReadsBack) {
  Sweep sweep;
  sweep.checkpoints = testing::SamplePlan(2).checkpoints;
  sweep.checkpoints[1].step.reset();
  sweep.checkpoints[1].tokens = 7;
  sweep.checkpoints[1].identity = "";
  sweep.checkpoints[1].bytes = int64_t{1} << 40;
  sweep.warnings = {"one", "two"};
  sweep.dataset_bytes = {100, 0};
  Sweep read;
  ASSERT_OK(PlanFromJson(PlanToJson(sweep), read));
  EXPECT_EQ(PlanToJson(read), PlanToJson(sweep));
  EXPECT_EQ(read.checkpoints[1].tokens, 7);
  EXPECT_EQ(read.checkpoints[0].path, "/models/step0");
  EXPECT_EQ(read.warnings, sweep.warnings);
  EXPECT_EQ(read.checkpoints[1].bytes, int64_t{1} << 40);
  EXPECT_EQ(read.dataset_bytes, sweep.dataset_bytes);
  ASSERT_OK(PlanFromJson(R"({"checkpoints": [{"name": "n", "path": "/p"}]})", read = Sweep()));
  EXPECT_EQ(read.checkpoints[0].bytes, 0) << "as an older release wrote it";
  EXPECT_TRUE(read.dataset_bytes.empty());
}

TEST(SweepJson, BytesThatAreNoUtf8DoNotStopTheStore) {
  Sweep sweep;
  sweep.warnings = {"caf\xe9"};
  Sweep read;
  ASSERT_OK(PlanFromJson(PlanToJson(sweep), read));
  EXPECT_EQ(read.warnings[0], "caf\xef\xbf\xbd");
}

TEST(SweepJson, ValuesOfARowThatAnOlderReleaseStoredByItselfAreRead) {
  ResultValues read;
  ASSERT_OK(ValuesFromJson(R"({"accuracy":0.1,"coef_norm":5e-324,"mi_tx":1e+300,"n_test":40.0})", read));
  EXPECT_EQ(read, (ResultValues{{"accuracy", 0.1}, {"coef_norm", 5e-324}, {"mi_tx", 1e300}, {"n_test", 40}}));
}

}  // namespace
}  // namespace probesweep::server
