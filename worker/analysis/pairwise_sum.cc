#include "worker/analysis/pairwise_sum.h"

#include <array>

namespace probesweep::worker {
namespace {

constexpr size_t kLanes = 8;
constexpr size_t kBlock = 128;

double SumOfBlock(const double* values, size_t count) {
  std::array<double, kLanes> lane;
  for (size_t i = 0; i < kLanes; ++i) lane[i] = values[i];
  size_t done = kLanes;
  for (; done + kLanes <= count; done += kLanes) {
    for (size_t i = 0; i < kLanes; ++i) lane[i] += values[done + i];
  }
  double sum = ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
  for (; done < count; ++done) sum += values[done];
  return sum;
}

}  // namespace

double PairwiseSum(const double* values, size_t count) {
  if (count < kLanes) {
    double sum = 0;
    for (size_t i = 0; i < count; ++i) sum += values[i];
    return sum;
  }
  if (count <= kBlock) return SumOfBlock(values, count);
  const size_t half = count / 2 - count / 2 % kLanes;
  return PairwiseSum(values, half) + PairwiseSum(values + half, count - half);
}

}  // namespace probesweep::worker
