#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "dataset/dataset_report.h"

namespace probesweep {
namespace {

// Accuracy above the majority's from which the surface of texts is said to tell labels. It must also be more
// than what chance gives on so many test rows.
constexpr double kTellingGain = 0.05;
constexpr double kStandardErrors = 3;
// Below this share of the rarer label accuracy says little.
constexpr double kUnbalancedShare = 0.2;
// Below this number of test rows one row more or less is seen in the second digit.
constexpr double kFewTestRows = 100;
// A rule that joins at least this share of the rows is worth a look.
constexpr double kRuleReach = 0.5;

double Percent(double part, double whole) { return 100 * part / whole; }

bool Tells(const BaselineScore& score, const SplitReport& split) {
  const double gain = score.accuracy - split.majority_accuracy;
  return gain >= kTellingGain && gain > kStandardErrors * std::sqrt(0.25 / split.test_rows);
}

void WarnOfLeak(const DatasetReport& report, std::vector<std::string>& warnings) {
  const SplitReport& released = report.released;
  if (!released.status.ok() || released.shared_test_rows == 0) return;
  warnings.push_back(absl::StrFormat(
      "Protocol released leaks: %.0f of its %.0f test rows (%.1f %%) share a group with training rows. There "
      "a "
      "probe may know a row again, or be misled by its twin. Protocol calibrated keeps groups whole.",
      released.shared_test_rows, released.test_rows, Percent(released.shared_test_rows, released.test_rows)));
}

// Rows that belong together, perhaps, while no grouping says so.
void WarnOfNoGroups(const DatasetReport& report, std::vector<std::string>& warnings) {
  if (report.grouped) return;
  for (const RuleReach& reach : report.rules) {
    if (static_cast<double>(reach.joined_rows) < kRuleReach * static_cast<double>(report.rows)) continue;
    warnings.push_back(absl::StrCat("No grouping is given, but rule ", reach.rule, " would join ",
                                    reach.joined_rows, " of ", report.rows,
                                    " rows into groups. If they belong "
                                    "together, write group_by: ",
                                    reach.rule, "."));
    return;
  }
}

void WarnOfShape(const DatasetReport& report, std::vector<std::string>& warnings) {
  const SplitReport& split = report.by_group.status.ok() ? report.by_group : report.released;
  if (!split.status.ok()) return;
  const char* const where = &split == &report.by_group ? "with groups kept whole" : "under protocol released";
  if (Tells(split.shape, split)) {
    warnings.push_back(absl::StrFormat(
        "Length and capital letters alone tell the label with accuracy %.3f %s (the commoner label alone: "
        "%.3f). A probe that only sees those looks as good.",
        split.shape.accuracy, where, split.majority_accuracy));
  }
  if (Tells(split.surface, split)) {
    warnings.push_back(absl::StrFormat(
        "Words, length and capital letters tell the label with accuracy %.3f %s (the commoner label alone: "
        "%.3f). A probe below that shows nothing about the model.",
        split.surface.accuracy, where, split.majority_accuracy));
  }
}

void WarnOfRepeats(const DatasetReport& report, std::vector<std::string>& warnings) {
  if (report.contradicting_texts > 0) {
    warnings.push_back(
        absl::StrCat("Texts that stand under both labels, spelt the same: ", report.contradicting_texts,
                     ". No probe can be right on all of their rows."));
  }
  if (report.repeated_rows > 0) {
    warnings.push_back(
        absl::StrCat("Rows whose text is the very same as an earlier row's: ", report.repeated_rows,
                     ". They count as one group; leave them out unless "
                     "they are meant."));
  }
}

void WarnOfSize(const DatasetReport& report, std::vector<std::string>& warnings) {
  const auto rarer = static_cast<double>(std::min(report.shapes[0].rows, report.shapes[1].rows));
  if (rarer < kUnbalancedShare * static_cast<double>(report.rows)) {
    warnings.push_back(
        absl::StrFormat("Only %.0f %% of the rows have the rarer label: look at AUROC rather than "
                        "at accuracy.",
                        Percent(rarer, static_cast<double>(report.rows))));
  }
  if (report.released.status.ok() && report.released.test_rows < kFewTestRows) {
    warnings.push_back(absl::StrFormat(
        "Test rows under protocol released: %.0f, so that an accuracy is good to about ±%.2f.",
        report.released.test_rows, 1.96 * std::sqrt(0.25 / report.released.test_rows)));
  }
  if (report.released.status.ok() && !report.released.surface.auroc) {
    warnings.push_back(
        "The test rows of protocol released have one label only, so that there is no AUROC: "
        "shuffle the rows.");
  }
}

}  // namespace

std::vector<std::string> DatasetWarnings(const DatasetReport& report) {
  std::vector<std::string> warnings;
  WarnOfLeak(report, warnings);
  WarnOfNoGroups(report, warnings);
  WarnOfShape(report, warnings);
  WarnOfRepeats(report, warnings);
  WarnOfSize(report, warnings);
  return warnings;
}

}  // namespace probesweep
