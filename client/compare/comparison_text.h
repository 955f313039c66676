// A comparison for people, and for programs.
#ifndef PROBESWEEP_CLIENT_COMPARE_COMPARISON_TEXT_H_
#define PROBESWEEP_CLIENT_COMPARE_COMPARISON_TEXT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "client/compare/comparison.h"

namespace probesweep::client {

// The two sides' names.
struct SideNames {
  std::string a, b;
};

// Rows that one side lacks, by checkpoint and dimension, then differing values, the worst first; of both at
// most `limit` lines (0: all) and how many more there are. Last one line that sums up.
std::string ComparisonText(const Comparison& comparison, const SideNames& names, double tolerance,
                           size_t limit);

// {"a", "b", "tolerance", "equal", "rows", "values", "only_in_a": [{checkpoint, dimension, layer, protocol}],
// "only_in_b", "differences": [{…, column, a, b, excess}], "provenance": {column: rows}} and, where
// artifacts were compared, "artifacts": {"compared", "differences": [{checkpoint, dimension, kind, tensor, a,
// b, differing, values, excess}]}. Absent values and an infinite excess are null.
std::string ComparisonJson(const Comparison& comparison, const SideNames& names, double tolerance);

// One sentence for each way in which the rows' provenance differs.
std::vector<std::string> ProvenanceNotes(const Comparison& comparison);

// "2 rows are missing in b, 3 values differ"; "" when they are equal.
std::string Verdict(const Comparison& comparison, const SideNames& names);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_COMPARE_COMPARISON_TEXT_H_
