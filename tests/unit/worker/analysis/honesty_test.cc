// Protocol `calibrated` where nothing is to be found, and where it is known what is: p-values must be
// uniform, intervals must hold the truth as often as they say, and the control task must be at chance. Seeds
// are fixed; PROBESWEEP_HONESTY_SEED (default 0) gives other worlds, PROBESWEEP_HONESTY_DRAWS more or fewer.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/worker/analysis/simulated_worlds.h"
#include "worker/analysis/calibrated_protocol.h"
#include "worker/analysis/protocol_parts.h"
#include "worker/analysis/statistics.h"

namespace probesweep::worker {
namespace {

constexpr double kSurfaceAccuracy = 0.6;

// A whole number, from 1 unless `otherwise` is 0.
int FromEnvironment(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  if (text == nullptr) return otherwise;
  int number = -1;
  EXPECT_TRUE(absl::SimpleAtoi(text, &number) && number >= std::min(otherwise, 1))
      << name << " is '" << text << "': give a whole number, as 1234";
  return std::max(number, std::min(otherwise, 1));
}
uint64_t Seed() { return static_cast<uint64_t>(FromEnvironment("PROBESWEEP_HONESTY_SEED", 0)); }
int NullDraws() { return FromEnvironment("PROBESWEEP_HONESTY_DRAWS", 500); }
int CoverageDraws() { return FromEnvironment("PROBESWEEP_HONESTY_DRAWS", 2000); }

// The largest distance of the values' distribution from the uniform one.
double Kolmogorov(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto count = static_cast<double>(values.size());
  double distance = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    distance = std::max({distance, values[i] - static_cast<double>(i) / count,
                         static_cast<double>(i + 1) / count - values[i]});
  }
  return distance;
}

double StandardError(const std::vector<double>& values) {
  const double mean = Mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares) / static_cast<double>(values.size());
}

// Beyond this in 1 % of uniform samples.
double KolmogorovBound(int draws) { return 1.6276 / std::sqrt(draws); }

// Every value of a column, draw by draw.
using Columns = std::map<std::string, std::vector<double>>;

// What `calibrated` says of the second of two layers that know nothing of each other.
Columns Analyse(const World& world, int64_t permutations, int draws) {
  at::set_num_threads(1);  // the matrices are small
  Sampler sampler(20261125 + Seed());
  Columns columns;
  for (int draw = 0; draw < draws; ++draw) {
    const Sample sample = sampler.Draw(world);
    ProtocolInput input = InputOf(sample.statements);
    input.config.permutations = permutations;
    input.config.seed = static_cast<int64_t>(Seed()) * 1000000 + draw;
    const auto splits = CalibratedSplits(input);
    EXPECT_OK(splits);
    const auto protocol =
        CreateCalibratedProtocol(input, sampler.Surface(sample.statements, *splits, kSurfaceAccuracy));
    EXPECT_OK(protocol);
    int64_t layer = 0;
    if (permutations > 0) {
      EXPECT_OK((*protocol)->AnalyseLayer(layer, sampler.Features(world), NoStep));
      ++layer;
    }
    const auto analysis = (*protocol)->AnalyseLayer(layer, sample.representations, NoStep);
    EXPECT_OK(analysis);
    for (const auto& [column, value] : analysis->values) columns[column].push_back(value);
  }
  return columns;
}

class CalibratedNullTest : public ::testing::TestWithParam<World> {};

TEST_P(CalibratedNullTest, PValuesOfIndependentDataAreUniformAndWhatIsCorrectedIsZero) {
  const Columns columns = Analyse(GetParam(), 199, NullDraws());
  for (const std::string name : {"mi_tx", "mi_ty"}) {
    SCOPED_TRACE(name);
    ASSERT_EQ(columns.at(name + "_p").size(), static_cast<size_t>(NullDraws()));
    const double distance = Kolmogorov(columns.at(name + "_p"));
    std::printf("%s_p: distance from uniform %.4f, at 1 %% below %.4f\n", name.c_str(), distance,
                KolmogorovBound(NullDraws()));
    EXPECT_LT(distance, KolmogorovBound(NullDraws()));
    const std::vector<double>& corrected = columns.at(name + "_corrected");
    EXPECT_NEAR(Mean(corrected), 0, 3 * StandardError(corrected));
  }
}

TEST_P(CalibratedNullTest, TheControlTaskIsAtChance) {
  const Columns columns = Analyse(GetParam(), 0, NullDraws());
  const double accuracy = Mean(columns.at("control_accuracy"));
  std::printf("control_accuracy %.4f\n", accuracy);
  EXPECT_NEAR(accuracy, 0.5, 0.015);
}

INSTANTIATE_TEST_SUITE_P(Worlds, CalibratedNullTest, ::testing::Values(World{}, World{120, 8, 0, 4}),
                         [](const auto& info) { return info.param.group_rows == 1 ? "apart" : "grouped"; });

// The share of intervals that hold the truth.
double Coverage(const Columns& columns, const std::string& column, double truth) {
  const std::vector<double>& low = columns.at(column + "_low");
  const std::vector<double>& high = columns.at(column + "_high");
  EXPECT_EQ(low.size(), high.size());
  double held = 0;
  for (size_t i = 0; i < low.size(); ++i) held += low[i] <= truth && truth <= high[i];
  return held / static_cast<double>(low.size());
}

// What is expected of a probe trained on four fifths as many rows: tried on many new rows.
struct Truth {
  double accuracy = 0, auroc = 0;
};
Truth FindTruth(World world) {
  Sampler sampler(7 + Seed());
  std::vector<double> accuracy, auroc;
  const World test{20000, world.features, world.signal, world.group_rows};
  const Sample tested = sampler.Draw(test);
  world.rows = world.rows * 4 / 5;
  for (int draw = 0; draw < 200; ++draw) {
    const Sample sample = sampler.Draw(world);
    const RowSet rows(sample.statements, AllRows(sample.statements));
    const Standardized train = Standardize(sample.representations);
    const auto probe = FitProbeFor({}, train.values, rows.labels());
    EXPECT_OK(probe);
    ResultValues values;
    AddProbeValues(*probe, ScoresOf(*probe, train.Apply(tested.representations), tested.statements.labels),
                   values);
    accuracy.push_back(values.at("accuracy"));
    auroc.push_back(values.at("auroc"));
  }
  return {Mean(accuracy), Mean(auroc)};
}

struct CoverageCase {
  const char* name;
  World world;
};

class CoverageTest : public ::testing::TestWithParam<CoverageCase> {};

TEST_P(CoverageTest, IntervalsHoldTheTruthAsOftenAsTheySay) {
  const Truth truth = FindTruth(GetParam().world);
  const Columns columns = Analyse(GetParam().world, 0, CoverageDraws());
  const double accuracy = Coverage(columns, "accuracy", truth.accuracy);
  const double auroc = Coverage(columns, "auroc", truth.auroc);
  const double above = Coverage(columns, "above_surface", truth.accuracy - kSurfaceAccuracy);
  std::printf("truth: accuracy %.3f, auroc %.3f; intervals that hold it: %.3f, %.3f, above_surface %.3f\n",
              truth.accuracy, truth.auroc, accuracy, auroc, above);
  EXPECT_NEAR(accuracy, 0.95, 0.02);
  EXPECT_NEAR(auroc, 0.95, 0.02);
  EXPECT_NEAR(above, 0.95, 0.02);
}

INSTANTIATE_TEST_SUITE_P(Worlds, CoverageTest,
                         ::testing::Values(CoverageCase{"independent", World{}},
                                           CoverageCase{"signal", World{120, 8, 1.5, 1}},
                                           CoverageCase{"grouped", World{120, 8, 0, 4}},
                                           CoverageCase{"grouped_signal", World{160, 8, 1.5, 4}}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace probesweep::worker
