#include "worker/analysis/paper_protocol.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/unit/worker/analysis/simulated_worlds.h"
#include "worker/analysis/dependence.h"
#include "worker/analysis/logistic_probe.h"

namespace probesweep::worker {
namespace {

class PaperProtocolTest : public ::testing::Test {
 protected:
  PaperProtocolTest() : sample_(Sampler(5).Draw({80, 6, 1.5, 1})), input_(InputOf(sample_.statements)) {
    const std::vector<double> labels(sample_.statements.labels.begin(), sample_.statements.labels.end());
    labels_ = at::tensor(labels, at::kDouble);
  }

  LayerAnalysis Analyse() {
    auto protocol = CreatePaperProtocol(input_, HalfRight(sample_.statements, 1));
    EXPECT_OK(protocol);
    auto analysis = (*protocol)->AnalyseLayer(0, sample_.representations, NoStep);
    EXPECT_OK(analysis);
    return *std::move(analysis);
  }
  static at::Tensor Rows(const at::Tensor& all, const std::vector<int64_t>& rows) {
    return all.index_select(0, at::tensor(rows));
  }

  Sample sample_;
  ProtocolInput input_;
  at::Tensor labels_;
};

TEST_F(PaperProtocolTest, IsWhatTheDefinitionsGive) {
  ASSERT_OK_AND_ASSIGN(const PaperSplit split, PaperSplitOf(input_));
  const at::Tensor all = sample_.representations.to(at::kDouble);
  const at::Tensor train = Rows(all, split.train);
  const at::Tensor mean = train.mean(0), deviation = at::std(train, 0, true);
  const at::Tensor z = (all - mean) / deviation;
  ASSERT_OK_AND_ASSIGN(const Probe probe,
                       FitLogisticProbe(Rows(z, split.train), Rows(labels_, split.train), 1));
  const auto accuracy = [&](const std::vector<int64_t>& rows) {
    const at::Tensor right = probe.Logits(Rows(z, rows)).gt(0).eq(Rows(labels_, rows).gt(0.5));
    return right.to(at::kDouble).mean().item<double>();
  };
  const at::Tensor positive = Rows(labels_, split.train).gt(0.5);
  const at::Tensor vector = train.index({positive}).mean(0) - train.index({positive.logical_not()}).mean(0);

  const LayerAnalysis analysis = Analyse();
  const ResultValues& values = analysis.values;
  EXPECT_EQ(values.at("n_train"), 32);
  EXPECT_EQ(values.at("n_test"), 40);
  EXPECT_EQ(values.at("n_splits"), 1);
  EXPECT_NEAR(values.at("accuracy"), accuracy(split.test), 1e-12);
  EXPECT_NEAR(values.at("validation_accuracy"), accuracy(split.validation), 1e-12);
  EXPECT_NEAR(values.at("coef_norm"), probe.weights.norm().item<double>(), 1e-9);
  EXPECT_NEAR(values.at("steering_norm"), vector.norm().item<double>(), 1e-12);
  EXPECT_TRUE(at::allclose(analysis.steering_vector, vector)) << "unscaled";
  const at::Tensor sample = Rows(z, split.train);
  EXPECT_NEAR(values.at("hsic_tx"), BiasedHsic(sample, sample, KernelKind::kGaussian, {}), 1e-15);
  EXPECT_NEAR(values.at("hsic_ty"),
              BiasedLabelHsic(sample, Rows(labels_, split.train), KernelKind::kGaussian, {}), 1e-15);
  EXPECT_NEAR(values.at("above_surface"), values.at("accuracy") - 0.5, 1e-12);
  for (const char* column : {"auroc", "ece", "intercept", "iterations", "majority_accuracy",
                             "surface_accuracy", "activation_norm", "n_rows", "n_groups"}) {
    EXPECT_EQ(values.count(column), 1u) << column;
  }
  EXPECT_EQ(values.count("mi_tx") + values.count("mi_ty"), 0u);
}

TEST_F(PaperProtocolTest, TheSeedDrawsTheSplit) {
  const double norm = Analyse().values.at("coef_norm");
  EXPECT_EQ(Analyse().values.at("coef_norm"), norm);
  input_.config.seed = 3;
  EXPECT_NE(Analyse().values.at("coef_norm"), norm);
}

TEST_F(PaperProtocolTest, FurtherEstimatorsComeBesideItsOwn) {
  input_.config.estimators = {"cka", "hsic"};
  const ResultValues values = Analyse().values;
  EXPECT_EQ(values.count("cka_tx"), 1u);
  EXPECT_EQ(values.count("hsic_tx"), 1u);
  EXPECT_EQ(values.count("linear_hsic_tx"), 0u);
}

}  // namespace
}  // namespace probesweep::worker
