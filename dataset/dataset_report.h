// What is to be known about a dataset before a probe is: duplicates, groups that a split would part, and how
// far the surface of the texts alone tells their label.
#ifndef PROBESWEEP_DATASET_DATASET_REPORT_H_
#define PROBESWEEP_DATASET_DATASET_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "dataset/statements.h"

namespace probesweep {

// Of the rows of one label.
struct TextShape {
  int64_t rows = 0;
  double mean_characters = 0;
  int64_t median_characters = 0;
  double mean_capitals = 0;
};

// How well label 1 is told from label 0 on test rows; a mean where there are several splits.
struct BaselineScore {
  double accuracy = 0;
  std::optional<double> auroc;  // unset when the test rows of some split have one label only
};

// What can be told without a model under one way of splitting.
struct SplitReport {
  absl::Status status;  // not OK: there is no such split, and why; the rest is then unset
  int splits = 0;
  double train_rows = 0, test_rows = 0;  // means
  double majority_accuracy = 0;          // of the training rows' commoner label
  BaselineScore surface;                 // words, length and capitals
  BaselineScore shape;                   // length and capitals alone
  // Test rows whose group has training rows too.
  double shared_test_rows = 0;
};

// How many rows a grouping rule would join to others.
struct RuleReach {
  std::string rule;
  int64_t groups = 0;
  int64_t joined_rows = 0;  // in groups of at least two rows
};

struct DatasetReport {
  int64_t rows = 0;
  TextShape shapes[2];               // by label
  int64_t repeated_rows = 0;         // text is the very same as an earlier row's
  int64_t repeated_folded_rows = 0;  // … letter case and white space aside
  int64_t contradicting_texts = 0;   // that stand, spelt the same, under both labels

  bool grouped = false;  // as in Statements
  int64_t groups = 0;
  int64_t largest_group = 0;
  int64_t joined_rows = 0;       // in groups of at least two rows
  int64_t parted_groups = 0;     // by the released split
  std::vector<RuleReach> rules;  // every known one

  SplitReport released;  // the first 80 % of the rows train
  SplitReport by_group;  // seeded splits that keep groups whole
};

// `dataset_name` is for messages. The same input gives the same report.
DatasetReport ExamineDataset(const Statements& statements, absl::string_view dataset_name);

// What a reader should know, in plain sentences, the gravest first. Empty when nothing is amiss.
std::vector<std::string> DatasetWarnings(const DatasetReport& report);

}  // namespace probesweep

#endif  // PROBESWEEP_DATASET_DATASET_REPORT_H_
