#include "worker/engine/surface_cache.h"

#include <gtest/gtest.h>

#include <string>

#include "dataset/statements.h"
#include "tests/unit/worker/engine/pass_fixture.h"

namespace probesweep::worker {
namespace {

class SurfaceCacheTest : public ::testing::Test {
 protected:
  SurfaceCacheTest() {
    auto statements = ReadStatements(dimension_.dataset_csv, "d", {});
    EXPECT_OK(statements);
    statements_ = *std::move(statements);
    input_.statements = &statements_;
  }

  // How many baselines were fitted.
  int Get(const std::string& protocol) {
    int fitted = 0;
    const auto step = [&] {
      ++fitted;
      return absl::OkStatus();
    };
    EXPECT_OK(cache_.Get(dimension_, protocol, input_, step));
    return fitted;
  }

  PassDimension dimension_ = MakeDimension("d", MakeCsv(40, 3));
  Statements statements_;
  ProtocolInput input_;
  SurfaceCache cache_;
};

TEST_F(SurfaceCacheTest, FitsOnceForEachProtocol) {
  EXPECT_EQ(Get("released"), 1);
  EXPECT_EQ(Get("calibrated"), 5);
  EXPECT_EQ(Get("released"), 0);
  EXPECT_EQ(Get("calibrated"), 0);
}

TEST_F(SurfaceCacheTest, FitsAgainForWhateverChangesASplit) {
  ASSERT_EQ(Get("calibrated"), 5);
  input_.config.probe_c = 7;
  EXPECT_EQ(Get("calibrated"), 0) << "no split hangs on it";
  input_.config.seed = 1;
  EXPECT_EQ(Get("calibrated"), 5);
  input_.config.splits = 3;
  EXPECT_EQ(Get("calibrated"), 3);
  dimension_.group_rule = "same_text";
  EXPECT_EQ(Get("calibrated"), 3);
  dimension_.group_rule.clear();
  dimension_.group_column = "same_text";
  EXPECT_EQ(Get("calibrated"), 3);
  dimension_.dataset_digest = "another";
  EXPECT_EQ(Get("calibrated"), 3);
}

TEST_F(SurfaceCacheTest, WhatWasCutShortIsNotKept) {
  const auto cancel = [] { return absl::CancelledError("stop"); };
  EXPECT_STATUS(cache_.Get(dimension_, "calibrated", input_, cancel), kCancelled, "stop");
  EXPECT_EQ(Get("calibrated"), 5);
}

}  // namespace
}  // namespace probesweep::worker
