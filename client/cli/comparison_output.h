// What `results compare` and `results verify` print, and how they end.
#ifndef PROBESWEEP_CLIENT_CLI_COMPARISON_OUTPUT_H_
#define PROBESWEEP_CLIENT_CLI_COMPARISON_OUTPUT_H_

#include <CLI/CLI.hpp>
#include <cstddef>

#include "absl/status/status.h"
#include "client/cli/session.h"
#include "client/compare/comparison.h"
#include "client/compare/comparison_text.h"

namespace probesweep::client {

struct ComparisonFlags {
  double tolerance = kDefaultTolerance;
  size_t limit = 20;
  bool json = false;
};

void AddComparisonFlags(CLI::App& command, ComparisonFlags& flags);

// Prints the comparison on `out`, what differs in provenance on `err`. Errors: ABORTED, saying how much, when
// the results are not equal.
absl::Status PrintComparison(const Comparison& comparison, const SideNames& names,
                             const ComparisonFlags& flags, Session& session);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLI_COMPARISON_OUTPUT_H_
