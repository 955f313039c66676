#include "dataset/dataset_report.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "dataset/surface_baseline.h"
#include "dataset/surface_words.h"

namespace probesweep {
namespace {

constexpr int kSplits = 5;
constexpr double kTestShare = 0.2;

TextShape ShapeOf(const Statements& statements, int label) {
  TextShape shape;
  std::vector<int64_t> lengths;
  for (size_t row = 0; row < statements.texts.size(); ++row) {
    if (statements.labels[row] != label) continue;
    const CharacterCounts counts = CountCharacters(statements.texts[row]);
    lengths.push_back(counts.characters);
    shape.mean_characters += static_cast<double>(counts.characters);
    shape.mean_capitals += static_cast<double>(counts.capitals);
  }
  shape.rows = static_cast<int64_t>(lengths.size());
  if (lengths.empty()) return shape;
  shape.mean_characters /= static_cast<double>(lengths.size());
  shape.mean_capitals /= static_cast<double>(lengths.size());
  const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2);
  std::nth_element(lengths.begin(), middle, lengths.end());
  shape.median_characters = *middle;
  return shape;
}

void CountRepeats(const Statements& statements, DatasetReport& report) {
  absl::flat_hash_map<std::string, int> labels;  // of each text, a bit for each label
  absl::flat_hash_set<std::string> folded;
  for (size_t row = 0; row < statements.texts.size(); ++row) {
    int& seen = labels[statements.texts[row]];
    report.repeated_rows += seen != 0;
    const int now = seen | (1 << statements.labels[row]);
    report.contradicting_texts += now == 3 && seen != 3;
    seen = now;
    report.repeated_folded_rows += !folded.insert(FoldedText(statements.texts[row])).second;
  }
}

// Rows of each group.
std::vector<int64_t> GroupSizes(const std::vector<int64_t>& groups) {
  std::vector<int64_t> sizes;
  for (const int64_t group : groups) {
    if (static_cast<size_t>(group) == sizes.size()) sizes.push_back(0);
    ++sizes[static_cast<size_t>(group)];
  }
  return sizes;
}

int64_t JoinedRows(const std::vector<int64_t>& sizes) {
  int64_t rows = 0;
  for (const int64_t size : sizes) rows += size > 1 ? size : 0;
  return rows;
}

// Which groups have a row among `rows`.
std::vector<bool> GroupsOf(const std::vector<int64_t>& rows, const Statements& statements) {
  std::vector<bool> has(statements.texts.size());
  for (const int64_t row : rows) has[static_cast<size_t>(statements.groups[static_cast<size_t>(row)])] = true;
  return has;
}

int64_t SharedTestRows(const Split& split, const Statements& statements) {
  const std::vector<bool> trained = GroupsOf(split.train, statements);
  return std::count_if(split.test.begin(), split.test.end(), [&](int64_t row) {
    return trained[static_cast<size_t>(statements.groups[static_cast<size_t>(row)])];
  });
}

double MajorityAccuracy(const Split& split, const std::vector<int>& labels) {
  const auto ones = [&](const std::vector<int64_t>& rows) {
    return std::count_if(rows.begin(), rows.end(),
                         [&](int64_t row) { return labels[static_cast<size_t>(row)] == 1; });
  };
  const auto test_ones = static_cast<double>(ones(split.test)) / static_cast<double>(split.test.size());
  return 2 * ones(split.train) > static_cast<std::ptrdiff_t>(split.train.size()) ? test_ones : 1 - test_ones;
}

void Add(const SurfaceBaseline& baseline, BaselineScore& score) {
  score.accuracy += baseline.accuracy;
  score.auroc =
      score.auroc && baseline.auroc ? std::optional<double>(*score.auroc + *baseline.auroc) : std::nullopt;
}

// Sums over splits; Average ends it.
absl::Status AddSplit(const Statements& statements, const Split& split, SplitReport& report) {
  const auto surface = FitSurfaceBaseline(statements.texts, statements.labels, split);
  if (!surface.ok()) return surface.status();
  const auto shape = FitShapeBaseline(statements.texts, statements.labels, split);
  if (!shape.ok()) return shape.status();
  ++report.splits;
  report.train_rows += static_cast<double>(split.train.size());
  report.test_rows += static_cast<double>(split.test.size());
  report.majority_accuracy += MajorityAccuracy(split, statements.labels);
  report.shared_test_rows += static_cast<double>(SharedTestRows(split, statements));
  Add(*surface, report.surface);
  Add(*shape, report.shape);
  return absl::OkStatus();
}

void Average(SplitReport& report) {
  const auto splits = static_cast<double>(report.splits);
  for (double* sum : {&report.train_rows, &report.test_rows, &report.majority_accuracy,
                      &report.shared_test_rows, &report.surface.accuracy, &report.shape.accuracy}) {
    *sum /= splits;
  }
  for (BaselineScore* score : {&report.surface, &report.shape}) {
    if (score->auroc) *score->auroc /= splits;
  }
}

template <typename MakeSplit>
SplitReport ReportSplits(const Statements& statements, int splits, MakeSplit make_split) {
  SplitReport report;
  report.surface.auroc = report.shape.auroc = 0;
  for (int i = 0; i < splits; ++i) {
    const absl::StatusOr<Split> split = make_split(static_cast<uint64_t>(i));
    report.status = split.ok() ? AddSplit(statements, *split, report) : split.status();
    if (!report.status.ok()) {
      SplitReport none;
      none.status = report.status;
      return none;
    }
  }
  Average(report);
  return report;
}

int64_t PartedGroups(const Statements& statements, const Split& split) {
  const std::vector<bool> trained = GroupsOf(split.train, statements);
  const std::vector<bool> tested = GroupsOf(split.test, statements);
  int64_t parted = 0;
  for (size_t group = 0; group < trained.size(); ++group) parted += trained[group] && tested[group];
  return parted;
}

}  // namespace

DatasetReport ExamineDataset(const Statements& statements, absl::string_view dataset_name) {
  DatasetReport report;
  report.rows = static_cast<int64_t>(statements.texts.size());
  for (const int label : {0, 1}) report.shapes[label] = ShapeOf(statements, label);
  CountRepeats(statements, report);
  const std::vector<int64_t> sizes = GroupSizes(statements.groups);
  report.grouped = statements.grouped;
  report.groups = static_cast<int64_t>(sizes.size());
  if (!sizes.empty()) report.largest_group = *std::max_element(sizes.begin(), sizes.end());
  report.joined_rows = JoinedRows(sizes);
  for (const std::string& rule : KnownGroupRules()) {
    const std::vector<int64_t> reached = GroupSizes(GroupRows(statements.texts, {}, rule));
    report.rules.push_back({rule, static_cast<int64_t>(reached.size()), JoinedRows(reached)});
  }
  report.released = ReportSplits(statements, 1, [&](uint64_t) {
    absl::StatusOr<Split> split = ReleasedSplit(statements.labels, dataset_name);
    if (split.ok()) report.parted_groups = PartedGroups(statements, *split);
    return split;
  });
  report.by_group = ReportSplits(statements, kSplits, [&](uint64_t seed) {
    return GroupedSplit(statements, kTestShare, seed, dataset_name);
  });
  return report;
}

}  // namespace probesweep
