#include "client/compare/comparison.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "common/result_columns.h"

namespace probesweep::client {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Below this the tolerance is absolute.
constexpr double kLeastScale = 1e-3;

double Excess(const std::string& column, double a, double b, double tolerance) {
  return a != b && IsExact(column) ? kInfinity : TimesTolerance(a, b, tolerance);
}

std::optional<double> Find(const std::map<std::string, double>& values, const std::string& column) {
  const auto found = values.find(column);
  return found == values.end() ? std::nullopt : std::optional<double>(found->second);
}

void CompareValues(const RowKey& key, const ResultEntry& a, const ResultEntry& b, double tolerance,
                   Comparison& comparison) {
  std::set<std::string> columns;
  for (const auto& [column, value] : a.values) columns.insert(column);
  for (const auto& [column, value] : b.values) columns.insert(column);
  for (const std::string& column : columns) {
    Difference difference{key, column, Find(a.values, column), Find(b.values, column), kInfinity};
    if (difference.a && difference.b) {
      ++comparison.values;
      difference.excess = Excess(column, *difference.a, *difference.b, tolerance);
    }
    if (difference.excess > 1) comparison.differences.push_back(std::move(difference));
  }
}

void CompareProvenance(const ResultEntry& a, const ResultEntry& b, Comparison& comparison) {
  for (const auto& [column, text] : a.provenance) {
    const auto other = b.provenance.find(column);
    if (other != b.provenance.end() && other->second != text) ++comparison.provenance[column];
  }
}

// What a difference is sorted by when the excess is the same: how far the two are apart.
double Distance(const Difference& difference) {
  return difference.a && difference.b ? std::abs(*difference.a - *difference.b) : kInfinity;
}

}  // namespace

double TimesTolerance(double a, double b, double tolerance) {
  if (a == b) return 0;
  const double allowed = tolerance * std::max({std::abs(a), std::abs(b), kLeastScale});
  return allowed > 0 ? std::abs(a - b) / allowed : kInfinity;
}

bool IsExact(const std::string& column) {
  const ResultColumn* const known = FindResultColumn(column);
  return (known != nullptr && known->integer) || absl::EndsWith(column, "_p");
}

Comparison Compare(const ResultSet& a, const ResultSet& b, double tolerance) {
  Comparison comparison;
  for (const auto& [key, entry] : a.rows) {
    const auto other = b.rows.find(key);
    if (other == b.rows.end()) {
      comparison.only_a.push_back(key);
      continue;
    }
    ++comparison.rows;
    CompareValues(key, entry, other->second, tolerance, comparison);
    CompareProvenance(entry, other->second, comparison);
  }
  for (const auto& [key, entry] : b.rows) {
    if (a.rows.count(key) == 0) comparison.only_b.push_back(key);
  }
  std::stable_sort(comparison.differences.begin(), comparison.differences.end(),
                   [](const Difference& x, const Difference& y) {
                     return std::make_pair(x.excess, Distance(x)) > std::make_pair(y.excess, Distance(y));
                   });
  return comparison;
}

}  // namespace probesweep::client
