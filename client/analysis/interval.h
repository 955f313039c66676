// Intervals for shares of rows.
#ifndef PROBESWEEP_CLIENT_ANALYSIS_INTERVAL_H_
#define PROBESWEEP_CLIENT_ANALYSIS_INTERVAL_H_

#include <cstdint>
#include <vector>

#include "dataset/interval.h"

namespace probesweep::client {

// The half-width, in standard deviations, of two-sided normal intervals that hold all together with
// probability 0.95 when there are `comparisons` of them (Bonferroni): 1.96 for one, 3.16 for 32.
double NormalHalfWidth(int comparisons);

// The interval of a difference `a` − `b` of two shares of the same `rows` rows (Newcombe 1998, method 10:
// from the two Wilson intervals, as if they were of different rows). For shares that rise and fall together,
// as two classifiers' on the same rows do, it is too wide rather than too narrow.
Interval DifferenceInterval(double a, double b, double rows, double z);

// How many independent rows tell as much as these about the share of `correct` ones (0 or 1 each), when the
// rows of a group are not independent: rows / design effect, with the variance between groups. At most the
// number of rows, at least 1; the number of groups when all rows are alike. One entry per row in both.
double EffectiveRows(const std::vector<int>& correct, const std::vector<int64_t>& groups);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_ANALYSIS_INTERVAL_H_
