// The estimators of dependence against the formulas themselves, as tests/golden/make_information_golden.py
// computes them with general inverses. Samples are made anew from each problem's numbers; that script says
// how.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "common/file.h"
#include "tests/golden/checkpoint_copy.h"
#include "tests/support/status_matchers.h"
#include "worker/analysis/dependence.h"
#include "worker/analysis/hsic.h"

namespace probesweep::worker {
namespace {

using nlohmann::json;

// SplitMix64, its upper 53 bits as numbers in [−1, 1).
class Uniforms {
 public:
  explicit Uniforms(uint64_t seed) : state_(seed) {}

  at::Tensor Draw(int64_t rows, int64_t columns) {
    at::Tensor drawn = at::empty({rows, columns}, at::kDouble);
    double* values = drawn.data_ptr<double>();
    for (int64_t i = 0; i < rows * columns; ++i) values[i] = Next();
    return drawn;
  }

 private:
  double Next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    z ^= z >> 31;
    return static_cast<double>(z >> 11) * 0x1p-52 - 1;
  }

  uint64_t state_;
};

struct Problem {
  at::Tensor x, t, labels;
  HsicOptions options;
};

void Finish(const json& p, at::Tensor sample) {
  sample.narrow(1, 0, p["constant"].get<int64_t>()).fill_(0.25);
  double power = 1;
  for (int64_t column = 0; column < sample.size(1); ++column, power *= p["spread"].get<double>()) {
    sample.select(1, column).mul_(power);
  }
  sample.mul_(p["scale"].get<double>()).add_(p["offset"].get<double>());
}

Problem Make(const json& p) {
  Uniforms source(p["seed"].get<uint64_t>());
  const int64_t rows = p["rows"], x_features = p["x_features"], t_features = p["t_features"];
  const at::Tensor row = at::arange(rows, at::kLong);
  const at::Tensor kept = row - row.remainder(p["copies"].get<int64_t>());
  Problem problem;
  problem.x = source.Draw(rows, x_features).index_select(0, kept);
  const at::Tensor noise = source.Draw(rows, t_features).index_select(0, kept);
  const at::Tensor label_noise = source.Draw(rows, 1).index_select(0, kept).squeeze(1);
  at::Tensor of_x = problem.x.index_select(1, at::arange(t_features, at::kLong).remainder(x_features));
  if (p["t_of_x"] == "square") of_x = of_x * of_x;
  const double coupling = p["coupling"];
  problem.t = coupling * of_x + (1 - coupling) * noise;
  problem.labels =
      (label_noise + problem.t.select(1, t_features - 1)).lt(p["label_below"].get<double>()).to(at::kDouble);
  const int64_t ones = p["label_ones"], zeros = p["label_zeros"];
  problem.labels.narrow(0, 0, ones).fill_(1);
  problem.labels.narrow(0, ones, zeros).fill_(0);
  Finish(p, problem.x);
  Finish(p, problem.t);
  problem.options = {p["sigma"], p["epsilon"], p["scale_by_dimension"]};
  return problem;
}

json Problems() {
  const auto text = ReadFile(testing::GoldenFolder("information") + "/expected.json");
  EXPECT_TRUE(text.ok()) << text.status();
  return json::parse(*text);
}

// Within `tolerance`: of the value where it is above 1, absolutely below.
void ExpectWithin(double tolerance, double value, const json& expected) {
  const double wanted = expected.get<double>();
  EXPECT_NEAR(value, wanted, tolerance * std::max(1.0, std::abs(wanted)));
}

void ExpectInformation(const json& p, double tx, double ty) {
  const json& expected = p["expected"];
  if (!p["fp64_loses_digits"].get<bool>()) {
    ExpectWithin(1e-9, tx, expected["mi_tx"]);
    ExpectWithin(1e-9, ty, expected["mi_ty"]);
  }
  if (expected["exact_mi_tx"].is_null()) return;
  ExpectWithin(1e-12, tx, expected["exact_mi_tx"]);
  ExpectWithin(1e-12, ty, expected["exact_mi_ty"]);
}

TEST(InformationGoldenTest, NormalisedHsicIsThePublishedFormula) {
  const json problems = Problems();
  ASSERT_GE(problems.size(), 20u);
  for (const json& p : problems) {
    SCOPED_TRACE(p["name"]);
    const Problem problem = Make(p);
    ASSERT_EQ(problem.labels.sum().item<double>(), p["expected"]["ones"].get<double>());
    ASSERT_OK_AND_ASSIGN(const KernelInverse x, InvertKernel(problem.x, problem.options));
    ASSERT_OK_AND_ASSIGN(const KernelInverse t, InvertKernel(problem.t, problem.options));
    ExpectInformation(p, MutualInformation(x, t), LabelInformation(t, problem.labels, problem.options));
  }
}

// The definition loses digits where entries of the kernels are nearly equal: each is 1 within 1e-16, and the
// sum takes all of them off.
double Lost(KernelKind kind) { return kind == KernelKind::kGaussian ? 1e-15 : 0; }

TEST(InformationGoldenTest, BiasedHsicIsItsDefinition) {
  for (const json& p : Problems()) {
    SCOPED_TRACE(p["name"]);
    const Problem problem = Make(p);
    for (const KernelKind kind : {KernelKind::kGaussian, KernelKind::kLinear}) {
      const std::string name = kind == KernelKind::kGaussian ? "hsic" : "linear_hsic";
      const double tx = p["expected"][name + "_tx"], ty = p["expected"][name + "_ty"];
      EXPECT_NEAR(BiasedHsic(problem.x, problem.t, kind, problem.options), tx,
                  1e-9 * tx + Lost(kind) + 1e-30);
      EXPECT_NEAR(BiasedLabelHsic(problem.t, problem.labels, kind, problem.options), ty,
                  1e-9 * ty + Lost(kind) + 1e-30);
    }
  }
}

void ExpectCka(std::optional<double> value, const json& expected) {
  ASSERT_EQ(value.has_value(), !expected.is_null());
  if (!value.has_value()) return;
  EXPECT_NEAR(*value, expected.get<double>(), 1e-9);
}

TEST(InformationGoldenTest, DebiasedCkaIsItsDefinition) {
  for (const json& p : Problems()) {
    SCOPED_TRACE(p["name"]);
    const Problem problem = Make(p);
    ExpectCka(DebiasedCka(problem.x, problem.t), p["expected"]["cka_tx"]);
    ExpectCka(DebiasedLabelCka(problem.t, problem.labels), p["expected"]["cka_ty"]);
  }
}

}  // namespace
}  // namespace probesweep::worker
