#include "tests/unit/worker/analysis/probe_problems.h"

#include <ATen/ATen.h>

#include <cmath>
#include <cstdlib>
#include <fstream>

namespace probesweep::worker::testing {
namespace {

class SplitMix {
 public:
  explicit SplitMix(uint64_t seed) : state_(seed) {}

  // Four 16-bit parts of a draw, added and centred.
  int64_t Centred() {
    state_ += 0x9E3779B97F4A7C15u;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    int64_t sum = -131070;
    for (int shift = 0; shift < 64; shift += 16) sum += static_cast<int64_t>((z >> shift) & 0xFFFF);
    return sum;
  }

  std::vector<int64_t> Centred(int64_t count) {
    std::vector<int64_t> draws(static_cast<size_t>(count));
    for (int64_t& draw : draws) draw = Centred();
    return draws;
  }

 private:
  uint64_t state_;
};

int64_t FloorDivide(int64_t value, int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

}  // namespace

nlohmann::json ReadProbeGolden(const std::string& name) {
  const char* root = std::getenv("PROBESWEEP_SOURCE_DIR");
  std::ifstream file(std::string(root == nullptr ? "." : root) + "/tests/golden/probes/" + name + ".json");
  return nlohmann::json::parse(file);
}

ProbeProblem MakeProbeProblem(const nlohmann::json& parameters) {
  const auto integer = [&](const char* name) { return parameters[name].get<int64_t>(); };
  const int64_t n = integer("rows"), d = integer("features");
  const int64_t spread = integer("spread"), shared = integer("shared"), constant = integer("constant");
  SplitMix random(static_cast<uint64_t>(integer("seed")));
  const std::vector<int64_t> weights = random.Centred(d), loadings = random.Centred(d);
  ProbeProblem problem{parameters, parameters["c"].get<double>(), at::empty({n, d}, at::kDouble),
                       at::empty({n}, at::kDouble)};
  double* features = problem.features.data_ptr<double>();
  double* labels = problem.labels.data_ptr<double>();
  for (int64_t row = 0; row < n; ++row) {
    const int64_t factor = random.Centred();
    int64_t score = random.Centred() * integer("noise") * 32768;
    for (int64_t feature = 0; feature < d; ++feature) {
      const int64_t z = random.Centred();
      const auto place = static_cast<size_t>(feature);
      score += z * weights[place];
      const int64_t value =
          z + FloorDivide(factor * loadings[place] * shared, 1 << 17) + integer("offset") * 32768;
      const int exponent = static_cast<int>(integer("scale") - 15 - spread * feature / d);
      features[row * d + feature] =
          feature < d - constant ? std::ldexp(static_cast<double>(value), exponent) : 1.0;
    }
    labels[row] = score > 0 ? 1.0 : 0.0;
  }
  if (integer("duplicated") != 0) {
    problem.features.narrow(0, n / 2, n / 2).copy_(problem.features.narrow(0, 0, n / 2).clone());
    problem.labels.narrow(0, n / 2, n / 2).copy_(problem.labels.narrow(0, 0, n / 2).clone());
  }
  return problem;
}

}  // namespace probesweep::worker::testing
