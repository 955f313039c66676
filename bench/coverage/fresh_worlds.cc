#include "bench/coverage/fresh_worlds.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace probesweep::worker {
namespace {

using GroupRows = std::vector<int64_t>;

GroupRows Equal(size_t groups, int64_t rows) { return GroupRows(groups, rows); }

// 40 groups of 1 to 12 rows, 160 rows in all: half the rows are in a fifth of the groups.
GroupRows Unequal() {
  GroupRows groups;
  for (int i = 0; i < 4; ++i) groups.insert(groups.end(), {1, 1, 12, 2, 1, 4, 2, 8, 3, 6});
  return groups;
}

}  // namespace

std::vector<FreshWorld> FreshWorlds() {
  std::vector<FreshWorld> worlds = {
      {"120 rows, 300 features, nothing to be found", Equal(120, 1), 300, 0},
      {"120 rows, 300 features, a signal of 4", Equal(120, 1), 300, 4},
      {"12 groups of 8 rows, nothing to be found", Equal(12, 8), 8, 0},
      {"12 groups of 8 rows, a signal of 1.5", Equal(12, 8), 8, 1.5},
      {"12 groups of 8 rows, a signal of 3", Equal(12, 8), 8, 3},
      {"40 groups of 1 to 12 rows, nothing to be found", Unequal(), 8, 0},
      {"40 groups of 1 to 12 rows, a signal of 1.5", Unequal(), 8, 1.5},
      {"80 rows, each twice, nothing to be found", Equal(80, 2), 8, 0, 1},
      {"80 rows, each twice, a signal of 1.5", Equal(80, 2), 8, 1.5, 1},
      {"200 rows, 4 in 5 of label 1, nothing to be found", Equal(200, 1), 8, 0, 0.8, 0.8},
      {"200 rows, 4 in 5 of label 1, a signal of 1.5", Equal(200, 1), 8, 1.5, 0.8, 0.8},
      {"120 rows, a signal of 5", Equal(120, 1), 8, 5},
      {"40 groups of 4 rows, a signal of 5", Equal(40, 4), 8, 5},
  };
  worlds.push_back({"40 groups of 4 rows of both labels, nothing to be found", Equal(40, 4), 8, 0});
  worlds.push_back({"40 groups of 4 rows of both labels, a signal of 1.5", Equal(40, 4), 8, 1.5});
  for (size_t i = worlds.size() - 2; i < worlds.size(); ++i) worlds[i].both_labels = true;
  return worlds;
}

FreshWorld Repeated(FreshWorld world, int64_t times) {
  const GroupRows once = world.group_rows;
  for (int64_t i = 1; i < times; ++i) {
    world.group_rows.insert(world.group_rows.end(), once.begin(), once.end());
  }
  return world;
}

FreshSampler::FreshSampler(uint64_t seed) : random_(seed, kFirstFreeStream) {}

double FreshSampler::Normal() {
  // Marsaglia's polar method (1964).
  for (;;) {
    const double x = 2 * random_.Uniform() - 1, y = 2 * random_.Uniform() - 1;
    const double square = x * x + y * y;
    if (square > 0 && square < 1) return x * std::sqrt(-2 * std::log(square) / square);
  }
}

FreshSample FreshSampler::Draw(const FreshWorld& world) {
  for (;;) {
    FreshSample sample = DrawAny(world);
    const std::vector<int>& labels = sample.statements.labels;
    if (std::count(labels.begin(), labels.end(), labels[0]) < static_cast<int64_t>(labels.size()))
      return sample;
  }
}

FreshSample FreshSampler::DrawAny(const FreshWorld& world) {
  FreshSample sample;
  std::vector<float> values;
  std::vector<double> common(static_cast<size_t>(world.features));
  for (size_t group = 0; group < world.group_rows.size(); ++group) {
    const int label = random_.Uniform() < world.ones ? 1 : 0;
    for (double& value : common) value = Normal();
    for (int64_t row = 0; row < world.group_rows[group]; ++row) {
      sample.statements.groups.push_back(static_cast<int64_t>(group));
      sample.statements.labels.push_back(world.both_labels ? static_cast<int>(row % 2) : label);
      const double shift = world.signal * (sample.statements.labels.back() - 0.5);
      const bool alone = world.group_rows[group] == 1 || world.shared == 1;
      for (size_t column = 0; column < common.size(); ++column) {
        const double value =
            alone ? common[column]
                  : std::sqrt(world.shared) * common[column] + std::sqrt(1 - world.shared) * Normal();
        values.push_back(static_cast<float>(value + (column == 0 ? shift : 0)));
      }
    }
  }
  const auto rows = static_cast<int64_t>(sample.statements.labels.size());
  sample.representations = at::from_blob(values.data(), {rows, world.features}, at::kFloat).clone();
  return sample;
}

SurfaceBaselines FreshSampler::Surface(const Statements& statements, const std::vector<Split>& splits,
                                       double accuracy) {
  std::vector<bool> right(static_cast<size_t>(statements.groups.back()) + 1);  // by group
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

}  // namespace probesweep::worker
