#include "client/cli/comparison_output.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace probesweep::client {

void AddComparisonFlags(CLI::App& command, ComparisonFlags& flags) {
  command
      .add_option("--tolerance", flags.tolerance,
                  "How far apart values may be, relative to the larger; counts and p-values must be equal")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command.add_option("--limit", flags.limit, "How many lines to show, the worst first; 0: all")
      ->capture_default_str();
  command.add_flag("--json", flags.json, "Everything, as JSON");
}

absl::Status PrintComparison(const Comparison& comparison, const SideNames& names,
                             const ComparisonFlags& flags, Session& session) {
  session.out() << (flags.json ? ComparisonJson(comparison, names, flags.tolerance)
                               : ComparisonText(comparison, names, flags.tolerance, flags.limit));
  for (const std::string& note : ProvenanceNotes(comparison)) session.err() << "note: " << note << "\n";
  if (comparison.Equal()) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat("the results are not the same: ", Verdict(comparison, names)));
}

}  // namespace probesweep::client
