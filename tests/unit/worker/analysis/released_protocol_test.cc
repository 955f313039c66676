#include "worker/analysis/released_protocol.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "common/file.h"
#include "tests/golden/checkpoint_copy.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/worker/analysis/simulated_worlds.h"
#include "tests/unit/worker/checkpoint/weight_files.h"

namespace probesweep::worker {
namespace {

using nlohmann::json;

// Whatever the surface.
SurfaceBaselines AnySurface() { return {{SurfaceBaseline{0.5, std::nullopt, {}}}}; }

// A problem of tests/golden/analysis, by its name.
class Problem {
 public:
  explicit Problem(const std::string& name) {
    const std::string folder = testing::GoldenFolder("analysis");
    const auto text = ReadFile(folder + "/expected.json");
    EXPECT_TRUE(text.ok()) << text.status();
    for (json& problem : json::parse(*text)) {
      if (problem["name"] == name) expected_ = problem;
    }
    EXPECT_FALSE(expected_.is_null()) << name;
    statements_.labels = expected_["labels"].get<std::vector<int>>();
    statements_.groups.resize(statements_.labels.size());
    std::iota(statements_.groups.begin(), statements_.groups.end(), 0);
    representations_ = OpenTensors(folder + "/representations.safetensors");
  }

  ProtocolInput Input() const {
    ProtocolInput input;
    input.statements = &statements_;
    input.dataset = expected_["name"].get<std::string>();
    input.steering_share = expected_["steering_share"].get<double>();
    return input;
  }
  int64_t layers() const { return static_cast<int64_t>(expected_["layers"].size()); }
  const json& Expected(int64_t layer) const { return expected_["layers"][static_cast<size_t>(layer)]; }
  at::Tensor Representations(int64_t layer) const {
    const auto tensor =
        representations_->Read(expected_["name"].get<std::string>() + ".layer_" + std::to_string(layer),
                               {expected_["statements"].get<int64_t>(), expected_["hidden"].get<int64_t>()});
    EXPECT_TRUE(tensor.ok()) << tensor.status();
    return *tensor;
  }

 private:
  json expected_;
  Statements statements_;
  std::unique_ptr<WeightSource> representations_;
};

// The probe stops at a gradient of 1e-8 n, that far from the optimum; all else is a formula.
double Tolerance(const std::string& column) {
  return column == "coef_norm" || column == "intercept" ? 1e-6 : 1e-10;
}

class ReleasedProtocolTest : public ::testing::TestWithParam<const char*> {};

TEST_P(ReleasedProtocolTest, FindsWhatTheFormulasGive) {
  const Problem problem(GetParam());
  ASSERT_OK_AND_ASSIGN(const auto protocol,
                       CreateReleasedProtocol(problem.Input(), {{SurfaceBaseline{0.625, 0.75, {}}}}));
  ASSERT_EQ(problem.layers(), 3);
  for (int64_t layer = 0; layer < problem.layers(); ++layer) {
    SCOPED_TRACE(layer);
    ASSERT_OK_AND_ASSIGN(const LayerAnalysis analysis,
                         protocol->AnalyseLayer(layer, problem.Representations(layer), NoStep));
    const json& expected = problem.Expected(layer);
    for (const auto& [column, value] : expected["values"].items()) {
      ASSERT_EQ(analysis.values.count(column), 1u) << column;
      const double number = value.get<double>();
      EXPECT_NEAR(analysis.values.at(column), number, Tolerance(column) * std::max(1.0, std::abs(number)))
          << column;
    }
    EXPECT_EQ(analysis.values.at("surface_accuracy"), 0.625);
    EXPECT_EQ(analysis.values.at("surface_auroc"), 0.75);
    const auto vector = expected["steering_vector"].get<std::vector<double>>();
    ASSERT_TRUE(analysis.steering_vector.defined());
    EXPECT_LT((analysis.steering_vector - at::tensor(vector, at::kDouble)).abs().max().item<double>(), 1e-10);
  }
}

TEST_P(ReleasedProtocolTest, TheProbeIsGivenInUnitsOfTheRepresentations) {
  const Problem problem(GetParam());
  ASSERT_OK_AND_ASSIGN(const auto protocol, CreateReleasedProtocol(problem.Input(), AnySurface()));
  const at::Tensor representations = problem.Representations(0);
  ASSERT_OK_AND_ASSIGN(const LayerAnalysis analysis, protocol->AnalyseLayer(0, representations, NoStep));
  const at::Tensor z = (representations.to(at::kDouble) - analysis.probe_mean) / analysis.probe_scale;
  const at::Tensor logits = at::mv(z, analysis.probe_weights) + analysis.probe_intercept;
  const std::vector<int>& labels = problem.Input().statements->labels;
  const auto train = static_cast<int64_t>(analysis.values.at("n_train"));
  int right = 0;
  for (int64_t row = train; row < static_cast<int64_t>(labels.size()); ++row) {
    right += (logits[row].item<double>() > 0) == (labels[static_cast<size_t>(row)] == 1);
  }
  EXPECT_DOUBLE_EQ(right / analysis.values.at("n_test"), analysis.values.at("accuracy"));
}

TEST_P(ReleasedProtocolTest, LayersMayComeInAnyOrderAfterLayerZero) {
  const Problem problem(GetParam());
  ASSERT_OK_AND_ASSIGN(const auto forwards, CreateReleasedProtocol(problem.Input(), AnySurface()));
  ASSERT_OK_AND_ASSIGN(const auto backwards, CreateReleasedProtocol(problem.Input(), AnySurface()));
  std::vector<ResultValues> values;
  for (const int64_t layer : {0, 1, 2}) {
    values.push_back(forwards->AnalyseLayer(layer, problem.Representations(layer), NoStep).value().values);
  }
  for (const int64_t layer : {0, 2, 1}) {
    EXPECT_EQ(backwards->AnalyseLayer(layer, problem.Representations(layer), NoStep).value().values,
              values[static_cast<size_t>(layer)]);
  }
}

INSTANTIATE_TEST_SUITE_P(Problems, ReleasedProtocolTest,
                         ::testing::Values("more_rows", "more_features", "constant_feature"),
                         [](const auto& info) { return std::string(info.param); });

TEST(ReleasedProtocolScaleTest, OfAConstantFeatureIsOne) {
  const Problem problem("constant_feature");
  ASSERT_OK_AND_ASSIGN(const auto protocol, CreateReleasedProtocol(problem.Input(), AnySurface()));
  ASSERT_OK_AND_ASSIGN(const LayerAnalysis analysis,
                       protocol->AnalyseLayer(0, problem.Representations(0), NoStep));
  EXPECT_EQ(analysis.probe_scale[5].item<double>(), 1);
  EXPECT_EQ(analysis.probe_weights[5].item<double>(), 0);
}

TEST(ReleasedProtocolValuesTest, LeavesOutWhatCannotBeComputed) {
  // Test rows of one label, and steering rows of one label.
  const Statements statements{{}, {1, 1, 0, 1, 1}, {0, 1, 2, 3, 3}};
  ProtocolInput input;
  input.statements = &statements;
  input.dataset = "d";
  input.steering_share = 0.4;
  ASSERT_OK_AND_ASSIGN(const auto protocol, CreateReleasedProtocol(input, AnySurface()));
  at::manual_seed(31);
  ASSERT_OK_AND_ASSIGN(const LayerAnalysis analysis, protocol->AnalyseLayer(0, at::randn({5, 3}), NoStep));
  EXPECT_EQ(analysis.values.count("accuracy"), 1u);
  for (const char* column : {"auroc", "surface_auroc", "steering_norm"}) {
    EXPECT_EQ(analysis.values.count(column), 0u) << column;
  }
  EXPECT_FALSE(analysis.steering_vector.defined());
}

TEST(ReleasedProtocolValuesTest, SayWhatTheyRestOn) {
  const Statements statements{{}, {1, 0, 0, 1, 1}, {0, 1, 2, 3, 3}};
  ASSERT_OK_AND_ASSIGN(const auto protocol, CreateReleasedProtocol(InputOf(statements), AnySurface()));
  ASSERT_OK_AND_ASSIGN(const LayerAnalysis analysis, protocol->AnalyseLayer(0, at::eye(5, 3), NoStep));
  const ResultValues& values = analysis.values;
  EXPECT_EQ(values.at("n_rows"), 5);
  EXPECT_EQ(values.at("n_groups"), 4);
  EXPECT_EQ(values.at("n_splits"), 1);
  EXPECT_EQ(values.at("n_train_groups") + values.at("n_test_groups"), 5) << "one group is on both sides";
  EXPECT_EQ(values.count("ece"), 1u);
  EXPECT_EQ(values.at("above_surface"), values.at("accuracy") - 0.5);
}

TEST(ReleasedProtocolConfigurationTest, IsHonoured) {
  const Problem problem("more_rows");
  const auto analyse = [&](const AnalysisConfig& config) {
    ProtocolInput input = problem.Input();
    input.config = config;
    auto protocol = CreateReleasedProtocol(input, AnySurface());
    EXPECT_OK(protocol);
    return (*protocol)->AnalyseLayer(0, problem.Representations(0), NoStep).value().values;
  };
  AnalysisConfig config;
  const ResultValues plain = analyse(config);
  EXPECT_EQ(plain.count("hsic_tx") + plain.count("mi_ty_p"), 0u);
  config.solver = "sklearn";
  EXPECT_NE(analyse(config).at("coef_norm"), plain.at("coef_norm"));
  config.hsic_scale_by_dimension = false;
  EXPECT_NE(analyse(config).at("mi_ty"), plain.at("mi_ty"));
  config.estimators = {"linear_hsic"};
  EXPECT_EQ(analyse(config).count("linear_hsic_ty"), 1u);
}

}  // namespace
}  // namespace probesweep::worker
