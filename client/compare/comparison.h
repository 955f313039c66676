// What differs between two sets of results.
#ifndef PROBESWEEP_CLIENT_COMPARE_COMPARISON_H_
#define PROBESWEEP_CLIENT_COMPARE_COMPARISON_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/compare/result_set.h"
#include "client/compare/tensor_comparison.h"

namespace probesweep::client {

// Values a and b are the same when |a − b| ≤ T · max(|a|, |b|, 0.001), T being the tolerance: relative, and
// absolute for what is about zero. Counts (integer columns) and p-values (columns that end in "_p") must be
// equal: they are multiples of a unit, and a difference of one unit says that something else was computed.
constexpr double kDefaultTolerance = 1e-6;

// How many times the tolerance the two are apart; at most 1: they are the same.
double TimesTolerance(double a, double b, double tolerance);

// Whether values of the column must be equal.
bool IsExact(const std::string& column);

struct Difference {
  RowKey key;
  std::string column;
  std::optional<double> a, b;  // absent: that side does not have the value
  // How many times the tolerance; infinite where a side is absent, and in columns that must be equal.
  double excess = 0;
};

// A tensor of an artifact that both sides should have; or, without a tensor, the whole artifact that one side
// lacks.
struct ArtifactDifference {
  std::string checkpoint, dimension, kind;
  TensorDifference tensor;
};

struct ArtifactComparison {
  int64_t artifacts = 0;                        // in both
  std::vector<ArtifactDifference> differences;  // the worst first
};

struct Comparison {
  int64_t rows = 0;            // in both
  int64_t values = 0;          // in both, of these rows
  std::vector<RowKey> only_a;  // in the order of keys
  std::vector<RowKey> only_b;
  std::vector<Difference> differences;          // the worst first
  std::map<std::string, int64_t> provenance;    // by column: rows of which both sides know it, and differ
  std::optional<ArtifactComparison> artifacts;  // where they were compared

  // Where results come from may differ: that alone is no difference of results.
  bool Equal() const {
    return only_a.empty() && only_b.empty() && differences.empty() &&
           (!artifacts || artifacts->differences.empty());
  }
};

Comparison Compare(const ResultSet& a, const ResultSet& b, double tolerance);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_COMPARE_COMPARISON_H_
