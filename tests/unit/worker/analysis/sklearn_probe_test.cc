// The solvers against scikit-learn itself, on the 40 problems of tests/golden/probes.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/unit/worker/analysis/probe_problems.h"
#include "worker/analysis/logistic_probe.h"
#include "worker/analysis/pairwise_sum.h"
#include "worker/model/threads.h"

namespace probesweep::worker {
namespace {

using testing::MakeProbeProblem;
using testing::ProbeProblem;
using testing::ReadProbeGolden;
using Json = nlohmann::json;

constexpr double kTolerance = 1e-6;  // of the largest coefficient
// Where scikit-learn's own coefficients move by more than this when its rows are given in the other order,
// its path hangs on rounding, and nobody's is the same who adds in another order.
constexpr double kErratic = 1e-7;

// The largest difference of a coefficient, of the norm and of the intercept, each relative to the largest
// coefficient, the norm, and the larger of the intercept and the largest coefficient.
double RelativeDifference(const Probe& probe, const Json& expected) {
  double largest = 0, difference = 0;
  const at::Tensor weights = probe.weights.contiguous();
  for (size_t i = 0; i < expected["at"].size(); ++i) {
    const double theirs = expected["coefficients"][i].get<double>();
    largest = std::max(largest, std::abs(theirs));
    difference =
        std::max(difference, std::abs(weights[expected["at"][i].get<int64_t>()].item<double>() - theirs));
  }
  const double norm = expected["norm"].get<double>(), intercept = expected["intercept"].get<double>();
  return std::max({difference / largest, std::abs(weights.norm().item<double>() - norm) / norm,
                   std::abs(probe.intercept - intercept) / std::max(std::abs(intercept), largest)});
}

struct Comparison {
  const char* solver;
  const char* golden;
  const char* fit;
};

class AgainstSklearnTest : public ::testing::TestWithParam<Comparison> {};

TEST_P(AgainstSklearnTest, FindsTheSameProbeOnEveryProblem) {
  UseOneThreadPerOperation();  // as in a pass; more threads round otherwise
  const Json problems = ReadProbeGolden("problems"), golden = ReadProbeGolden(GetParam().golden);
  ASSERT_EQ(problems.size(), 40u);
  ASSERT_EQ(golden.size(), problems.size());
  int erratic = 0;
  for (size_t place = 0; place < problems.size(); ++place) {
    SCOPED_TRACE(problems[place].dump());
    const ProbeProblem problem = MakeProbeProblem(problems[place]);
    const Json& expected = golden[place][GetParam().fit];
    ASSERT_OK_AND_ASSIGN(const Probe probe,
                         FitProbe(problem.features, problem.labels, problem.c, GetParam().solver));
    if (expected.value("moves", 0.0) > kErratic) {
      ++erratic;
      continue;
    }
    EXPECT_LT(RelativeDifference(probe, expected), kTolerance);
    if (absl::string_view(GetParam().fit) == "optimum") continue;
    EXPECT_EQ(probe.iterations, expected["n_iter"].get<int>());
  }
  EXPECT_LE(erratic, 3);
}

INSTANTIATE_TEST_SUITE_P(Solvers, AgainstSklearnTest,
                         ::testing::Values(Comparison{"sklearn", "sklearn-1.2", "default"},
                                           Comparison{"sklearn-1.4", "sklearn-1.9", "default"},
                                           Comparison{"exact", "sklearn-1.9", "optimum"}));

TEST(PairwiseSumTest, AddsInNumPysOrder) {
  const std::pair<size_t, double> sums[] = {// numpy.sum(1 / numpy.arange(1, n + 1))
                                            {5, 2.283333333333333},
                                            {100, 5.187377517639621},
                                            {1003, 7.4884648745144435},
                                            {5211, 9.135838667615044}};
  std::vector<double> harmonic;
  for (const auto& [count, sum] : sums) {
    while (harmonic.size() < count) harmonic.push_back(1.0 / static_cast<double>(harmonic.size() + 1));
    EXPECT_EQ(PairwiseSum(harmonic.data(), count), sum) << count;
  }
}

TEST(FitSklearnProbeTest, JobsAtOnceDoNotDisturbEachOther) {
  UseOneThreadPerOperation();
  const ProbeProblem problem = MakeProbeProblem(ReadProbeGolden("problems")[6]);
  ASSERT_OK_AND_ASSIGN(const Probe alone, FitProbe(problem.features, problem.labels, problem.c, "sklearn"));
  std::vector<Probe> probes(8);
  std::vector<std::thread> jobs;
  for (Probe& probe : probes) {
    jobs.emplace_back(
        [&] { probe = FitProbe(problem.features, problem.labels, problem.c, "sklearn").value(); });
  }
  for (std::thread& job : jobs) job.join();
  for (const Probe& probe : probes) {
    EXPECT_TRUE(probe.weights.equal(alone.weights));
    EXPECT_EQ(probe.iterations, alone.iterations);
  }
}

}  // namespace
}  // namespace probesweep::worker
