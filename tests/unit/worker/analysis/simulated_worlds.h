// Worlds in which the truth is known: rows of standard normal features, 0 or more of which tell the label.
#ifndef PROBESWEEP_TESTS_UNIT_WORKER_ANALYSIS_SIMULATED_WORLDS_H_
#define PROBESWEEP_TESTS_UNIT_WORKER_ANALYSIS_SIMULATED_WORLDS_H_

#include <ATen/ATen.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "dataset/shuffle.h"
#include "dataset/split.h"
#include "dataset/statements.h"
#include "worker/analysis/protocol.h"

namespace probesweep::worker {

inline absl::Status NoStep() { return absl::OkStatus(); }

struct World {
  int64_t rows = 120;
  int64_t features = 8;
  double signal = 0;       // how far the labels' means are apart, in the first feature
  int64_t group_rows = 1;  // rows of a group share their label and most of each feature
};

// Drawn from a world.
struct Sample {
  Statements statements;
  at::Tensor representations;  // fp32 [rows, features]
};

class Sampler {
 public:
  explicit Sampler(uint64_t seed) : random_(seed, 99) {}

  double Normal() {
    // Box and Muller (1958); 1 − u is above 0.
    return std::sqrt(-2 * std::log(1 - random_.Uniform())) * std::cos(2 * M_PI * random_.Uniform());
  }

  // Rows without text.
  Sample Draw(const World& world) {
    Sample sample;
    sample.representations = Features(world);
    float* values = sample.representations.data_ptr<float>();
    for (int64_t row = 0; row < world.rows; ++row) {
      const bool first = row % world.group_rows == 0;
      sample.statements.labels.push_back(first ? static_cast<int>(random_.Below(2))
                                               : sample.statements.labels.back());
      sample.statements.groups.push_back(row / world.group_rows);
      values[row * world.features] +=
          static_cast<float>(world.signal * (sample.statements.labels.back() - 0.5));
    }
    return sample;
  }

  // Baselines that are right for a row with probability `accuracy`, and alike for the rows of a group.
  SurfaceBaselines Surface(const Statements& statements, const std::vector<Split>& splits, double accuracy) {
    std::vector<bool> right(statements.groups.size());  // by group
    for (size_t group = 0; group < right.size(); ++group) right[group] = random_.Uniform() < accuracy;
    SurfaceBaselines surface;
    for (const Split& split : splits) {
      SurfaceBaseline baseline;
      for (const int64_t row : split.test) {
        const int64_t group = statements.groups[static_cast<size_t>(row)];
        baseline.correct.push_back(right[static_cast<size_t>(group)]);
        baseline.accuracy += baseline.correct.back() ? 1.0 / static_cast<double>(split.test.size()) : 0.0;
      }
      surface.splits.push_back(std::move(baseline));
    }
    return surface;
  }

  // fp32 [rows, features] without signal. Of a group's rows 0.8 of the variance is shared.
  at::Tensor Features(const World& world) {
    at::Tensor features = at::empty({world.rows, world.features}, at::kFloat);
    float* values = features.data_ptr<float>();
    std::vector<double> shared(static_cast<size_t>(world.features));
    for (int64_t row = 0; row < world.rows; ++row) {
      for (int64_t column = 0; column < world.features; ++column) {
        double& common = shared[static_cast<size_t>(column)];
        if (row % world.group_rows == 0) common = Normal();
        values[row * world.features + column] = static_cast<float>(
            world.group_rows == 1 ? common : std::sqrt(0.8) * common + std::sqrt(0.2) * Normal());
      }
    }
    return features;
  }

 private:
  SeededRandom random_;
};

// Baselines, each right for every other row of as many as the dataset has.
inline SurfaceBaselines HalfRight(const Statements& statements, int64_t splits) {
  SurfaceBaseline half{0.5, 0.5, {}};
  for (size_t row = 0; row < statements.labels.size(); ++row) half.correct.push_back(row % 2 == 0);
  return {std::vector<SurfaceBaseline>(static_cast<size_t>(splits), half)};
}

inline ProtocolInput InputOf(const Statements& statements, const std::string& dataset = "d") {
  ProtocolInput input;
  input.statements = &statements;
  input.dataset = dataset;
  return input;
}

}  // namespace probesweep::worker

#endif  // PROBESWEEP_TESTS_UNIT_WORKER_ANALYSIS_SIMULATED_WORLDS_H_
