#include "client/cli/dataset_report_output.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/render/table.h"
#include "common/printable.h"

namespace probesweep::client {
namespace {

using Json = nlohmann::ordered_json;

double Share(int64_t part, int64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string Line(absl::string_view name, absl::string_view text) {
  return absl::StrFormat("%-11s %s\n", name, text);
}

std::string ChecksumText(const ValidatedDataset& dataset) {
  const DimensionFields& fields = dataset.fields;
  if (!fields.sha256) return absl::StrCat("SHA-256 ", dataset.sha256);
  return absl::StrCat(
      "SHA-256 ", *fields.sha256 == dataset.sha256 ? "as described: " : "NOT as described: ", dataset.sha256);
}

std::string GroupingText(const DimensionFields& fields) {
  const Grouping grouping = fields.grouping.value_or(Grouping());
  if (!grouping.rule.empty()) return absl::StrCat("by rule ", grouping.rule);
  if (!grouping.column.empty()) return absl::StrCat("by column ", Printable(grouping.column));
  return "by the very same text, since no grouping is given";
}

std::string OverviewText(const ValidatedDataset& dataset) {
  const DatasetReport& report = dataset.report;
  const DimensionFields& fields = dataset.fields;
  std::string text;
  if (fields.name) text += Line("dimension", Printable(*fields.name));
  text += Line("dataset", Printable(absl::StrCat(DatasetName(fields), ", ", fields.dataset.value_or(""))));
  text += Line("", ChecksumText(dataset));
  text += Line("label 1", fields.label_meaning ? Printable(*fields.label_meaning) : "(not said)");
  text += Line("rows", absl::StrFormat("%d: %d with label 1 (%.1f %%), %d with label 0", report.rows,
                                       report.shapes[1].rows, 100 * Share(report.shapes[1].rows, report.rows),
                                       report.shapes[0].rows));
  text += Line("repeats", absl::StrFormat(
                              "%d rows have an earlier row's text, %d up to letter case and white "
                              "space; %d texts stand under both labels",
                              report.repeated_rows, report.repeated_folded_rows, report.contradicting_texts));
  text += Line("groups",
               absl::StrFormat("%d %s; rows in the largest: %d; rows not alone in theirs: %d", report.groups,
                               GroupingText(fields), report.largest_group, report.joined_rows));
  if (report.released.status.ok()) {
    text +=
        Line("", absl::StrFormat("%d groups have rows on both sides of protocol released's split (80/20 in "
                                 "file order)",
                                 report.parted_groups));
  }
  return text;
}

std::string ShapesText(const DatasetReport& report) {
  Table table({{"TEXTS"},
               {"ROWS", Align::kRight},
               {"CHARACTERS", Align::kRight},
               {"MEDIAN", Align::kRight},
               {"CAPITALS", Align::kRight}});
  for (const int label : {1, 0}) {
    const TextShape& shape = report.shapes[label];
    table.AddRow({absl::StrCat("label ", label), absl::StrCat(shape.rows),
                  absl::StrFormat("%.1f", shape.mean_characters), absl::StrCat(shape.median_characters),
                  absl::StrFormat("%.2f", shape.mean_capitals)});
  }
  return table.Text();
}

std::string ScoreText(const BaselineScore& score) {
  return absl::StrFormat("%.3f / %s", score.accuracy,
                         score.auroc ? absl::StrFormat("%.3f", *score.auroc) : std::string("-"));
}

void AddSplitRow(const std::string& name, const SplitReport& split, Table& table) {
  if (!split.status.ok()) {
    table.AddRow({name, "cannot be made"});
    return;
  }
  table.AddRow({name, absl::StrFormat("%.0f", split.train_rows), absl::StrFormat("%.0f", split.test_rows),
                absl::StrFormat("%.0f", split.shared_test_rows),
                absl::StrFormat("%.3f", split.majority_accuracy), ScoreText(split.shape),
                ScoreText(split.surface)});
}

std::string SplitsText(const DatasetReport& report) {
  Table table({{"SPLIT"},
               {"TRAIN", Align::kRight},
               {"TEST", Align::kRight},
               {"OF THEM SHARED", Align::kRight},
               {"COMMONER LABEL", Align::kRight},
               {"LENGTH, CAPITALS", Align::kRight},
               {"AND WORDS", Align::kRight}});
  AddSplitRow("released", report.released, table);
  AddSplitRow("groups whole, 5 seeds", report.by_group, table);
  return "accuracy / AUROC on test rows, without a model; shared: with training rows in their group\n" +
         table.Text();
}

Json ToJson(const BaselineScore& score) {
  Json json = {{"accuracy", score.accuracy}};
  if (score.auroc) json["auroc"] = *score.auroc;
  return json;
}

Json ToJson(const SplitReport& split) {
  if (!split.status.ok()) return {{"error", std::string(split.status.message())}};
  return {{"splits", split.splits},
          {"train_rows", split.train_rows},
          {"test_rows", split.test_rows},
          {"shared_test_rows", split.shared_test_rows},
          {"majority_accuracy", split.majority_accuracy},
          {"shape", ToJson(split.shape)},
          {"surface", ToJson(split.surface)}};
}

Json ToJson(const TextShape& shape) {
  return {{"rows", shape.rows},
          {"mean_characters", shape.mean_characters},
          {"median_characters", shape.median_characters},
          {"mean_capitals", shape.mean_capitals}};
}

}  // namespace

std::string ReportText(const ValidatedDataset& dataset) {
  std::string text =
      absl::StrCat(OverviewText(dataset), "\n", ShapesText(dataset.report), "\n", SplitsText(dataset.report));
  if (!dataset.warnings.empty()) text += "\n";
  for (const std::string& warning : dataset.warnings)
    absl::StrAppend(&text, "warning: ", Printable(warning), "\n");
  return text;
}

std::string ReportJson(const ValidatedDataset& dataset) {
  const DatasetReport& report = dataset.report;
  const Grouping grouping = dataset.fields.grouping.value_or(Grouping());
  Json json = {{"name", dataset.fields.name.value_or("")},
               {"dataset", DatasetName(dataset.fields)},
               {"path", dataset.fields.dataset.value_or("")},
               {"sha256", dataset.sha256},
               {"label_meaning", dataset.fields.label_meaning.value_or("")},
               {"rows", report.rows},
               {"labels", {{"0", ToJson(report.shapes[0])}, {"1", ToJson(report.shapes[1])}}},
               {"repeated_rows", report.repeated_rows},
               {"repeated_folded_rows", report.repeated_folded_rows},
               {"contradicting_texts", report.contradicting_texts},
               {"group_column", grouping.column},
               {"group_by", grouping.rule},
               {"groups", report.groups},
               {"largest_group", report.largest_group},
               {"joined_rows", report.joined_rows},
               {"parted_groups", report.parted_groups},
               {"released", ToJson(report.released)},
               {"by_group", ToJson(report.by_group)},
               {"warnings", dataset.warnings}};
  if (dataset.fields.sha256) json["sha256_as_described"] = *dataset.fields.sha256 == dataset.sha256;
  // What is no UTF-8, in a path, is replaced.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace probesweep::client
