// What every protocol does with data that is odd, but no mistake: a value that cannot be computed is absent,
// and no value is ever NaN or infinite. docs/protocols.md lists these decisions.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/unit/worker/analysis/simulated_worlds.h"

namespace probesweep::worker {
namespace {

class EdgeCaseTest : public ::testing::TestWithParam<std::string> {
 protected:
  absl::StatusOr<LayerAnalysis> TryToAnalyse(const Sample& sample) {
    ProtocolInput input = InputOf(sample.statements);
    input.config.permutations = 19;
    input.config.estimators = {"hsic", "linear_hsic", "cka"};
    const int64_t splits = GetParam() == "calibrated" ? input.config.splits : 1;
    auto protocol = CreateProtocol(GetParam(), input, HalfRight(sample.statements, splits));
    if (!protocol.ok()) return protocol.status();
    return (*protocol)->AnalyseLayer(0, sample.representations, NoStep);
  }

  ResultValues Analyse(const Sample& sample) {
    const auto analysis = TryToAnalyse(sample);
    EXPECT_OK(analysis);
    if (!analysis.ok()) return {};
    for (const auto& [name, value] : analysis->values) EXPECT_TRUE(std::isfinite(value)) << name;
    for (const at::Tensor& tensor :
         {analysis->probe_weights, analysis->probe_mean, analysis->probe_scale, analysis->steering_vector}) {
      if (tensor.defined()) {
        EXPECT_TRUE(at::isfinite(tensor).all().item<bool>());
      }
    }
    return analysis->values;
  }

  bool Has(const ResultValues& values, const char* column) { return values.count(column) == 1; }
};

TEST_P(EdgeCaseTest, AConstantFeatureCountsForNothing) {
  Sample sample = Sampler(11).Draw({60, 5, 1, 1});
  const ResultValues without = Analyse(sample);
  sample.representations =
      at::cat({sample.representations, at::full({60, 1}, 0.1f)}, 1);  // a fifth of it has no exact mean
  const ResultValues with = Analyse(sample);
  for (const char* column : {"accuracy", "auroc", "coef_norm", "steering_norm"}) {
    EXPECT_NEAR(with.at(column), without.at(column), 1e-7) << column;
  }
}

TEST_P(EdgeCaseTest, OfConstantFeaturesOnlyThereIsNothingToLearn) {
  Sample sample = Sampler(12).Draw({60, 3, 0, 1});
  sample.representations = at::ones({60, 3});
  const ResultValues values = Analyse(sample);
  EXPECT_EQ(values.at("coef_norm"), 0);
  EXPECT_EQ(values.at("auroc"), 0.5) << "every score ties";
  EXPECT_FALSE(Has(values, "steering_norm"));
  EXPECT_FALSE(Has(values, "cka_tx"));
  if (Has(values, "mi_ty")) {
    EXPECT_NEAR(values.at("mi_ty"), 0, 1e-9);
  }
  if (Has(values, "mi_ty_p")) {
    EXPECT_EQ(values.at("mi_ty_p"), 1);
  }
  if (Has(values, "mi_tx_p")) {
    EXPECT_EQ(values.at("mi_tx_p"), 1);
  }
}

TEST_P(EdgeCaseTest, ThereMayBeMoreFeaturesThanRows) {
  const ResultValues values = Analyse(Sampler(13).Draw({40, 200, 3, 1}));
  EXPECT_GT(values.at("coef_norm"), 0);
  EXPECT_TRUE(Has(values, "auroc"));
}

TEST_P(EdgeCaseTest, SeparableDataHasAFiniteProbeThatIsAlwaysRight) {
  Sample sample = Sampler(14).Draw({80, 4, 0, 1});
  for (int64_t row = 0; row < 80; ++row) {
    sample.representations[row][0] = sample.statements.labels[static_cast<size_t>(row)] == 1 ? 50 : -50;
  }
  const ResultValues values = Analyse(sample);
  EXPECT_EQ(values.at("accuracy"), 1);
  EXPECT_EQ(values.at("auroc"), 1);
  EXPECT_LT(values.at("coef_norm"), 100);
  if (Has(values, "accuracy_low")) {
    EXPECT_LT(values.at("accuracy_low"), 1) << "16 rows do not prove certainty";
    EXPECT_EQ(values.at("accuracy_high"), 1);
    EXPECT_LT(values.at("auroc_low"), 1);
  }
}

TEST_P(EdgeCaseTest, TestRowsOfOneLabelHaveNoAuroc) {
  Sample sample = Sampler(15).Draw({40, 3, 0, 1});
  // Two rows of label 0: nearly every split tests on label 1 alone, and each protocol trains on both.
  std::fill(sample.statements.labels.begin(), sample.statements.labels.end(), 1);
  sample.statements.labels[0] = sample.statements.labels[3] = 0;
  const ResultValues values = Analyse(sample);
  EXPECT_TRUE(Has(values, "accuracy"));
  if (GetParam() == "released") {
    EXPECT_FALSE(Has(values, "auroc"));
  }
}

TEST_P(EdgeCaseTest, RowsMayBeThereTwice) {
  Sample sample = Sampler(16).Draw({30, 4, 1, 1});
  sample.representations = at::cat({sample.representations, sample.representations});
  Statements& statements = sample.statements;
  const std::vector<int> labels = statements.labels;
  statements.labels.insert(statements.labels.end(), labels.begin(), labels.end());
  const std::vector<int64_t> groups = statements.groups;
  statements.groups.insert(statements.groups.end(), groups.begin(), groups.end());
  EXPECT_EQ(Analyse(sample).at("n_groups"), 30);
}

TEST_P(EdgeCaseTest, SoFewRowsAreRefusedOrAnalysedButNeverNaN) {
  for (int64_t rows = 2; rows <= 12; ++rows) {
    Sample sample = Sampler(17).Draw({rows, 3, 0, 1});
    for (int64_t row = 0; row < rows; ++row) {
      sample.statements.labels[static_cast<size_t>(row)] = static_cast<int>(row % 2);
    }
    const auto analysis = TryToAnalyse(sample);
    if (!analysis.ok()) {
      EXPECT_STATUS(analysis, kInvalidArgument, "dataset 'd'");
      continue;
    }
    Analyse(sample);
  }
}

TEST_P(EdgeCaseTest, FewerGroupsThanSplitsAreAnalysed) {
  // Three groups of six rows with both labels.
  Sample sample = Sampler(18).Draw({18, 3, 0, 1});
  for (size_t row = 0; row < 18; ++row) {
    sample.statements.groups[row] = static_cast<int64_t>(row / 6);
    sample.statements.labels[row] = static_cast<int>(row % 2);
  }
  const ResultValues values = Analyse(sample);
  EXPECT_EQ(values.at("n_groups"), 3);
  if (GetParam() == "calibrated") {
    EXPECT_EQ(values.at("n_test_groups"), 1);
    EXPECT_FALSE(Has(values, "accuracy_low")) << "one test group tells nothing of others";
  }
}

INSTANTIATE_TEST_SUITE_P(Protocols, EdgeCaseTest, ::testing::ValuesIn(KnownProtocols()),
                         [](const auto& info) { return info.param; });

TEST(CalibratedRefusalTest, OneGroupCannotBeSplit) {
  Sample sample = Sampler(19).Draw({20, 3, 0, 1});
  std::fill(sample.statements.groups.begin(), sample.statements.groups.end(), 0);
  EXPECT_STATUS(CreateProtocol("calibrated", InputOf(sample.statements), {}), kInvalidArgument, "dataset 'd'",
                "1 group");
}

}  // namespace
}  // namespace probesweep::worker
