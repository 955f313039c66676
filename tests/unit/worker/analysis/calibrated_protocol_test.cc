#include "worker/analysis/calibrated_protocol.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "tests/support/status_matchers.h"
#include "tests/unit/worker/analysis/simulated_worlds.h"
#include "worker/analysis/logistic_probe.h"
#include "worker/analysis/standardize.h"

namespace probesweep::worker {
namespace {

const char* const kAlways[] = {"n_rows",
                               "n_groups",
                               "n_splits",
                               "n_train",
                               "n_test",
                               "n_train_groups",
                               "n_test_groups",
                               "accuracy",
                               "accuracy_low",
                               "accuracy_high",
                               "auroc",
                               "auroc_low",
                               "auroc_high",
                               "ece",
                               "control_accuracy",
                               "selectivity",
                               "coef_norm",
                               "intercept",
                               "iterations",
                               "mi_tx",
                               "mi_tx_null",
                               "mi_tx_p",
                               "mi_tx_corrected",
                               "mi_ty",
                               "mi_ty_null",
                               "mi_ty_p",
                               "mi_ty_corrected",
                               "steering_norm",
                               "activation_norm",
                               "majority_accuracy",
                               "surface_accuracy",
                               "surface_auroc",
                               "above_surface",
                               "above_surface_low",
                               "above_surface_high"};

class CalibratedProtocolTest : public ::testing::Test {
 protected:
  explicit CalibratedProtocolTest(const World& world = {60, 5, 2, 3}) : sample_(Sampler(4).Draw(world)) {
    input_ = InputOf(sample_.statements);
    input_.config.permutations = 20;
  }

  std::unique_ptr<Protocol> Create() {
    auto protocol = CreateCalibratedProtocol(input_, HalfRight(sample_.statements, input_.config.splits));
    EXPECT_OK(protocol);
    return *std::move(protocol);
  }
  LayerAnalysis Analyse() {
    auto analysis = Create()->AnalyseLayer(0, sample_.representations, NoStep);
    EXPECT_OK(analysis);
    return *std::move(analysis);
  }

  Sample sample_;
  ProtocolInput input_;
};

TEST_F(CalibratedProtocolTest, GivesEveryColumnOfItsOwn) {
  const ResultValues values = Analyse().values;
  for (const char* column : kAlways) EXPECT_EQ(values.count(column), 1u) << column;
  EXPECT_EQ(values.size(), std::size(kAlways));
  EXPECT_EQ(values.at("n_rows"), 60);
  EXPECT_EQ(values.at("n_groups"), 20);
  EXPECT_EQ(values.at("n_splits"), 5);
  EXPECT_EQ(values.at("n_test"), 12);
  EXPECT_EQ(values.at("n_test_groups"), 4);
  EXPECT_EQ(values.at("n_train_groups"), 16);
  EXPECT_NEAR(values.at("selectivity"), values.at("accuracy") - values.at("control_accuracy"), 1e-12);
  EXPECT_NEAR(values.at("above_surface"), values.at("accuracy") - 0.5, 1e-12);
  for (const std::string column : {"accuracy", "auroc", "above_surface"}) {
    EXPECT_LE(values.at(column + "_low"), values.at(column)) << column;
    EXPECT_GE(values.at(column + "_high"), values.at(column)) << column;
  }
}

TEST_F(CalibratedProtocolTest, FiguresAreMeansOverSplitsStandardisedOnTrainRows) {
  ASSERT_OK_AND_ASSIGN(const std::vector<Split> splits, CalibratedSplits(input_));
  double accuracy = 0, norm = 0;
  for (const Split& split : splits) {
    const at::Tensor train_rows = at::tensor(split.train), test_rows = at::tensor(split.test);
    const at::Tensor all = sample_.representations.to(at::kDouble);
    const at::Tensor train = all.index_select(0, train_rows);
    const at::Tensor mean = train.mean(0), deviation = at::std(train, 0, true);
    const std::vector<double> list(sample_.statements.labels.begin(), sample_.statements.labels.end());
    const at::Tensor labels = at::tensor(list, at::kDouble);
    ASSERT_OK_AND_ASSIGN(const Probe probe,
                         FitLogisticProbe((train - mean) / deviation, labels.index_select(0, train_rows), 1));
    const at::Tensor logits = probe.Logits((all.index_select(0, test_rows) - mean) / deviation);
    const at::Tensor right = logits.gt(0).eq(labels.index_select(0, test_rows).gt(0.5));
    accuracy += right.to(at::kDouble).mean().item<double>() / 5;
    norm += probe.weights.norm().item<double>() / 5;
  }
  const ResultValues values = Analyse().values;
  EXPECT_NEAR(values.at("accuracy"), accuracy, 1e-12);
  EXPECT_NEAR(values.at("coef_norm"), norm, 1e-6);
}

TEST_F(CalibratedProtocolTest, KeepsTheFirstSplitsProbeAndSteeringVector) {
  ASSERT_OK_AND_ASSIGN(const std::vector<Split> splits, CalibratedSplits(input_));
  const at::Tensor train = sample_.representations.index_select(0, at::tensor(splits[0].train));
  const LayerAnalysis analysis = Analyse();
  EXPECT_TRUE(at::allclose(analysis.probe_mean, Standardize(train).mean));
  EXPECT_TRUE(at::allclose(analysis.probe_scale, Standardize(train).scale));
  // Whatever the test rows are.
  sample_.representations.index_fill_(0, at::tensor(splits[0].test), 1e3);
  EXPECT_TRUE(at::equal(Analyse().steering_vector, analysis.steering_vector));
  EXPECT_NEAR(analysis.steering_vector.norm().item<double>(), analysis.values.at("steering_norm"), 1e-12);
}

TEST_F(CalibratedProtocolTest, TheSameSeedGivesTheSameBitsAndAnotherOneOthers) {
  const ResultValues values = Analyse().values;
  EXPECT_EQ(Analyse().values, values);
  input_.config.seed = 1;
  const ResultValues others = Analyse().values;
  for (const char* column : {"coef_norm", "mi_ty", "mi_ty_null", "steering_norm"}) {
    EXPECT_NE(others.at(column), values.at(column)) << column;
  }
}

TEST_F(CalibratedProtocolTest, HonoursTheConfiguration) {
  input_.config.permutations = 0;
  input_.config.estimators = {"hsic", "linear_hsic", "cka"};
  input_.config.splits = 2;
  const ResultValues values = Analyse().values;
  EXPECT_EQ(values.count("mi_ty_p") + values.count("mi_tx_null") + values.count("mi_ty_corrected"), 0u);
  EXPECT_EQ(values.at("n_splits"), 2);
  for (const char* column : {"hsic_tx", "hsic_ty", "linear_hsic_tx", "linear_hsic_ty", "cka_tx", "cka_ty"}) {
    EXPECT_EQ(values.count(column), 1u) << column;
  }
  EXPECT_NEAR(values.at("cka_tx"), 1, 1e-9) << "layer 0 against itself";
  input_.config.hsic_scale_by_dimension = false;
  EXPECT_NE(Analyse().values.at("mi_ty"), values.at("mi_ty"));
  input_.config.solver = "sklearn";
  EXPECT_NE(Analyse().values.at("coef_norm"), values.at("coef_norm"));
  input_.config.probe_c = 0.1;
  EXPECT_LT(Analyse().values.at("coef_norm"), values.at("coef_norm"));
}

TEST_F(CalibratedProtocolTest, StepsAfterEachPieceAndEndsWhenAStepSaysSo) {
  int64_t steps = 0;
  const auto count = [&] {
    ++steps;
    return absl::OkStatus();
  };
  ASSERT_OK(Create()->AnalyseLayer(0, sample_.representations, count));
  EXPECT_GE(steps, 5 + 5 + 2) << "probes, control tasks, and mutual information with its null";
  for (int64_t last = 1; last <= steps; ++last) {
    int64_t left = last;
    const auto cancel = [&] { return --left > 0 ? absl::OkStatus() : absl::CancelledError("stop"); };
    EXPECT_STATUS(Create()->AnalyseLayer(0, sample_.representations, cancel), kCancelled, "stop");
  }
}

TEST_F(CalibratedProtocolTest, LayersMayComeInAnyOrderAfterLayerZero) {
  const at::Tensor first = Sampler(8).Features({60, 5, 0, 1}), second = Sampler(9).Features({60, 5, 0, 1});
  const auto forwards = Create(), backwards = Create();
  for (const auto& protocol : {forwards.get(), backwards.get()}) {
    ASSERT_OK(protocol->AnalyseLayer(0, sample_.representations, NoStep));
  }
  const ResultValues one = forwards->AnalyseLayer(1, first, NoStep)->values;
  const ResultValues two = forwards->AnalyseLayer(2, second, NoStep)->values;
  EXPECT_EQ(backwards->AnalyseLayer(2, second, NoStep)->values, two);
  EXPECT_EQ(backwards->AnalyseLayer(1, first, NoStep)->values, one);
}

TEST_F(CalibratedProtocolTest, SplitsKeepGroupsWhole) {
  ASSERT_OK_AND_ASSIGN(const std::vector<Split> splits, CalibratedSplits(input_));
  ASSERT_EQ(splits.size(), 5u);
  for (const Split& split : splits) {
    for (const int64_t row : split.test) {
      const int64_t group = row / 3;
      EXPECT_TRUE(std::none_of(split.train.begin(), split.train.end(),
                               [&](int64_t other) { return other / 3 == group; }));
    }
  }
  EXPECT_NE(splits[0].test, splits[1].test);
}

}  // namespace
}  // namespace probesweep::worker
