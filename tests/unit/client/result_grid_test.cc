#include "client/render/result_grid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/render/best_layers.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/client/fake_sweep_service.h"

namespace probesweep::client {
namespace {

class ResultGridTest : public ::testing::Test {
 protected:
  std::vector<v1::ResultRow> rows_;
  v1::Sweep sweep_ = SweepWithResults({"reliability", "privacy"}, rows_);
};

TEST_F(ResultGridTest, LaysRowsOutByLayerAndCheckpointInTheSweepsOrder) {
  std::reverse(rows_.begin(), rows_.end());
  ASSERT_OK_AND_ASSIGN(const auto grids, MakeGrids(sweep_, rows_, {}));
  ASSERT_EQ(grids.size(), 2u);
  EXPECT_EQ(grids[0].dimension, "reliability");
  EXPECT_EQ(grids[0].protocol, "released");
  EXPECT_EQ(grids[0].layers(), 2);
  EXPECT_THAT(grids[0].axis.labels, ::testing::ElementsAre("0", "1k"));
  EXPECT_EQ(grids[0].axis.title, "training step");
  EXPECT_DOUBLE_EQ(*grids[1].Value(0, 0), 0.57);
  EXPECT_DOUBLE_EQ(*grids[1].Value(1, 1), 0.77);
  EXPECT_FALSE(grids[1].HasGaps());
}

TEST_F(ResultGridTest, KeepsTheColumnOfACheckpointWithoutResults) {
  rows_.erase(
      std::remove_if(rows_.begin(), rows_.end(), [](const auto& row) { return row.checkpoint() == "step0"; }),
      rows_.end());
  ASSERT_OK_AND_ASSIGN(const auto grids, MakeGrids(sweep_, rows_, {}));
  EXPECT_EQ(grids[0].checkpoints(), 2);
  EXPECT_EQ(grids[0].Value(0, 0), std::nullopt);
  EXPECT_TRUE(grids[0].HasGaps());
}

TEST_F(ResultGridTest, NamesTheAxisByWhatAllCheckpointsHave) {
  sweep_.mutable_checkpoints(1)->clear_step();
  EXPECT_EQ((*MakeGrids(sweep_, rows_, {}))[0].axis.title, "checkpoint");
  sweep_.mutable_checkpoints(0)->set_tokens(0);
  sweep_.mutable_checkpoints(1)->set_tokens(2'000'000);
  EXPECT_EQ((*MakeGrids(sweep_, rows_, {}))[0].axis.title, "training tokens");
  EXPECT_EQ((*MakeGrids(sweep_, rows_, {}))[0].axis.labels[1], "2M");
}

TEST_F(ResultGridTest, RefusesNamesThatAreNoneWithTheNearest) {
  GridSelection selection;
  selection.metric = "acuracy";
  EXPECT_STATUS(MakeGrids(sweep_, rows_, selection), kInvalidArgument, "metric", "did you mean 'accuracy'?");
  selection = {};
  selection.dimensions = {"privcy"};
  EXPECT_STATUS(MakeGrids(sweep_, rows_, selection), kInvalidArgument, "dimension",
                "did you mean 'privacy'?");
  selection = {};
  selection.protocol = "relesed";
  EXPECT_STATUS(MakeGrids(sweep_, rows_, selection), kInvalidArgument, "protocol",
                "did you mean 'released'?");
}

TEST_F(ResultGridTest, SelectsDimensions) {
  GridSelection selection;
  selection.dimensions = {"privacy"};
  ASSERT_OK_AND_ASSIGN(const auto grids, MakeGrids(sweep_, rows_, selection));
  ASSERT_EQ(grids.size(), 1u);
  EXPECT_EQ(grids[0].dimension, "privacy");
}

TEST_F(ResultGridTest, TheEarlierCheckpointAndLowerLayerWinATie) {
  for (v1::ResultRow& row : rows_) (*row.mutable_values())["accuracy"] = 0.7;
  ASSERT_OK_AND_ASSIGN(const auto grids, MakeGrids(sweep_, rows_, {}));
  const auto best = BestCell(grids[0]);
  ASSERT_TRUE(best.has_value());
  EXPECT_EQ(best->layer, 0);
  EXPECT_EQ(best->checkpoint, 0);
  EXPECT_EQ(BestCell(grids[0], 1)->checkpoint, 1);
}

TEST_F(ResultGridTest, BestLayersStandBesideTheirBaselines) {
  // The best cell of privacy lies in the first checkpoint: the last one is told too.
  for (v1::ResultRow& row : rows_) {
    if (row.dimension() == "privacy" && row.checkpoint() == "step0")
      (*row.mutable_values())["accuracy"] = 0.9;
  }
  ASSERT_OK_AND_ASSIGN(const auto grids, MakeGrids(sweep_, rows_, {}));
  EXPECT_EQ(
      BestLayersText(grids),
      "dimension    cell  checkpoint  layer  accuracy  surface  above surface  majority  auroc  test rows\n"
      "reliability  best  step1000        1     0.770    0.600         +0.170     0.500      -         72\n"
      "privacy      best  step0           0     0.900    0.600         +0.300     0.500      -         72\n"
      "privacy      last  step1000        1     0.770    0.600         +0.170     0.500      -         72\n");
}

TEST_F(ResultGridTest, BestLayersOfAnotherMetricKeepTheAccuracyBesideIt) {
  for (v1::ResultRow& row : rows_) (*row.mutable_values())["mi_ty"] = row.layer() == 0 ? 0.03125 : 0.01;
  GridSelection selection;
  selection.metric = "mi_ty";
  selection.dimensions = {"privacy"};
  ASSERT_OK_AND_ASSIGN(const auto grids, MakeGrids(sweep_, rows_, selection));
  EXPECT_THAT(BestLayersText(grids), ::testing::HasSubstr("0.03125     0.570    0.600         -0.030"));
}

TEST_F(ResultGridTest, TheCalibratedProtocolIsShownWhereTheSweepHasIt) {
  sweep_.mutable_spec()->mutable_analysis()->add_protocols("calibrated");
  ASSERT_OK_AND_ASSIGN(auto grids, MakeGrids(sweep_, rows_, {}));
  EXPECT_EQ(grids[0].protocol, "calibrated");
  EXPECT_EQ(grids[0].layers(), 0) << "the rows are of the other protocol";
  GridSelection selection;
  selection.protocol = "released";
  ASSERT_OK_AND_ASSIGN(grids, MakeGrids(sweep_, rows_, selection));
  EXPECT_EQ(grids[0].layers(), 2);
}

TEST_F(ResultGridTest, BestLayersOfACalibratedProtocolTellWhatIsAboveTheSurface) {
  for (v1::ResultRow& row : rows_) {
    auto& values = *row.mutable_values();
    values["above_surface"] = 0.125;  // a mean over splits: not the difference of the two beside it
    values["above_surface_low"] = -0.03;
    values["above_surface_high"] = 0.28;
    values["selectivity"] = 0.2;
    values["ece"] = 0.05;
  }
  GridSelection selection;
  selection.dimensions = {"privacy"};
  ASSERT_OK_AND_ASSIGN(const auto grids, MakeGrids(sweep_, rows_, selection));
  EXPECT_EQ(BestLayersText(grids),
            "dimension  cell  checkpoint  layer  accuracy  surface  above surface     95 % interval  "
            "selectivity  majority  auroc    ece  test rows\n"
            "privacy    best  step1000        1     0.770    0.600         +0.125  -0.030 to +0.280       "
            "+0.200     0.500      -  0.050         72\n");
}

TEST_F(ResultGridTest, TheBestCalibrationErrorAndPValueAreTheLeast) {
  for (const char* metric : {"ece", "mi_ty_p"}) {
    for (v1::ResultRow& row : rows_) (*row.mutable_values())[metric] = row.layer() == 1 ? 0.01 : 0.3;
    GridSelection selection;
    selection.metric = metric;
    ASSERT_OK_AND_ASSIGN(const auto grids, MakeGrids(sweep_, rows_, selection));
    EXPECT_EQ(BestCell(grids[0])->layer, 1) << metric;
  }
}

TEST_F(ResultGridTest, BestLayersSayWhereThereIsNothingYet) {
  ASSERT_OK_AND_ASSIGN(const auto grids, MakeGrids(sweep_, {}, {}));
  EXPECT_THAT(BestLayersText(grids), ::testing::HasSubstr("privacy      no results yet"));
}

}  // namespace
}  // namespace probesweep::client
