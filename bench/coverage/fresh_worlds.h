// Worlds that the intervals of protocol `calibrated` were not made in, and in which the truth can be found.
#ifndef PROBESWEEP_BENCH_COVERAGE_FRESH_WORLDS_H_
#define PROBESWEEP_BENCH_COVERAGE_FRESH_WORLDS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "dataset/shuffle.h"
#include "dataset/split.h"
#include "dataset/statements.h"
#include "worker/analysis/protocol.h"

namespace probesweep::worker {

// Normal features of unit variance; the first tells the label.
struct FreshWorld {
  std::string name;                 // as the table says it
  std::vector<int64_t> group_rows;  // rows of each group
  int64_t features = 8;
  double signal = 0;         // how far the labels' means are apart, in the first feature
  double shared = 0.8;       // of each feature's variance, between the rows of a group; 1: they are the same
  double ones = 0.5;         // share of label 1
  bool both_labels = false;  // a group's rows have label 1 and 0 in turn; else all have one
};

// The worlds of the table in docs/protocols.md.
std::vector<FreshWorld> FreshWorlds();

// The same source, so many times as many groups of each size.
FreshWorld Repeated(FreshWorld world, int64_t times);

struct FreshSample {
  Statements statements;
  at::Tensor representations;  // fp32 [rows, features]
};

// Not thread-safe.
class FreshSampler {
 public:
  explicit FreshSampler(uint64_t seed);

  // Of both labels: the protocol refuses others.
  FreshSample Draw(const FreshWorld& world);

  // Baselines that are right for a row with probability `accuracy`, and alike for the rows of a group.
  SurfaceBaselines Surface(const Statements& statements, const std::vector<Split>& splits, double accuracy);

 private:
  FreshSample DrawAny(const FreshWorld& world);
  double Normal();

  SeededRandom random_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_BENCH_COVERAGE_FRESH_WORLDS_H_
