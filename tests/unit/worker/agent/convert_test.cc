#include "worker/agent/convert.h"

#include <gtest/gtest.h>

namespace probesweep::worker {
namespace {

TEST(ConvertTest, TheEngineGetsEveryFieldOfTheAnalysis) {
  v1::AnalysisConfig config;
  config.add_protocols("calibrated");
  config.set_probe_c(2);
  config.set_solver("sklearn");
  config.set_hsic_sigma(3);
  config.set_hsic_epsilon(0.5);
  config.set_hsic_scale_by_dimension(false);
  config.add_estimators("hsic");
  config.add_estimators("cka");
  config.set_splits(7);
  config.set_seed(11);
  config.set_permutations(0);
  config.set_keep_probes(true);
  config.set_keep_representations(true);
  EXPECT_EQ(FromProto(config).Canonical(),
            "protocols=calibrated;probe_c=2;solver=sklearn;hsic_sigma=3;hsic_epsilon=0.5;"
            "hsic_scale_by_dimension=0;estimators=hsic+cka;splits=7;seed=11;permutations=0;keep_probes=1;"
            "keep_steering_vectors=0;keep_representations=1");
}

TEST(ConvertTest, WhatAnOlderCoordinatorDoesNotSayIsTheDefault) {
  const AnalysisConfig read = FromProto(v1::AnalysisConfig());
  const AnalysisConfig defaults;
  EXPECT_EQ(read.solver, defaults.solver);
  EXPECT_EQ(read.hsic_scale_by_dimension, defaults.hsic_scale_by_dimension);
  EXPECT_EQ(read.splits, defaults.splits);
  EXPECT_EQ(read.seed, defaults.seed);
  EXPECT_EQ(read.permutations, defaults.permutations);
  EXPECT_EQ(read.keep_representations, defaults.keep_representations);
}

TEST(ConvertTest, TheEngineGetsEveryFieldOfADimension) {
  v1::Dimension dimension;
  dimension.set_name("robustness");
  dimension.set_dataset("sst2");
  dimension.set_dataset_digest("d");
  dimension.set_steering_share(0.25);
  dimension.set_group_column("pair");
  dimension.set_group_rule("same_text");
  const PassDimension read = FromProto(dimension);
  EXPECT_EQ(read.name, "robustness");
  EXPECT_EQ(read.dataset, "sst2");
  EXPECT_EQ(read.dataset_digest, "d");
  EXPECT_EQ(read.steering_share, 0.25);
  EXPECT_EQ(read.group_column, "pair");
  EXPECT_EQ(read.group_rule, "same_text");
}

}  // namespace
}  // namespace probesweep::worker
