#include "worker/model/activation.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "tests/golden/checkpoint_copy.h"
#include "tests/support/status_matchers.h"

namespace probesweep::worker {
namespace {

double Gelu(double x) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0))); }
double GeluTanh(double x) {
  return x / 2 * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x)));
}
double Relu(double x) { return x > 0 ? x : 0; }
double Silu(double x) { return x / (1 + std::exp(-x)); }

TEST(ReadActivationTest, EachNameMeansItsFormula) {
  struct Case {
    const char* name;
    double (*formula)(double);
  };
  const Case cases[] = {
      {"gelu", Gelu}, {"gelu_new", GeluTanh}, {"gelu_fast", GeluTanh}, {"gelu_pytorch_tanh", GeluTanh},
      {"relu", Relu}, {"silu", Silu},         {"swish", Silu}};
  const testing::CheckpointCopy checkpoint;
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    checkpoint.SetConfig("hidden_act", c.name);
    ASSERT_OK_AND_ASSIGN(const ConfigFile config, ConfigFile::Open(checkpoint.path()));
    ASSERT_OK_AND_ASSIGN(const Activation activation, ReadActivation(config, {"hidden_act"}, "relu"));
    for (const double x : {-3.0, -1.0, -0.1, 0.0, 0.5, 2.0}) {
      EXPECT_NEAR(activation(at::full({1}, x, at::kFloat)).item<double>(), c.formula(x), 1e-6) << x;
    }
  }
}

TEST(ReadActivationTest, AnAbsentFieldMeansTheModelsOwn) {
  const testing::CheckpointCopy checkpoint;
  checkpoint.SetConfig("hidden_act", nullptr);
  ASSERT_OK_AND_ASSIGN(const ConfigFile config, ConfigFile::Open(checkpoint.path()));
  ASSERT_OK_AND_ASSIGN(const Activation activation, ReadActivation(config, {"hidden_act"}, "relu"));
  EXPECT_EQ(activation(at::full({1}, -2.0, at::kFloat)).item<double>(), 0);
}

}  // namespace
}  // namespace probesweep::worker
