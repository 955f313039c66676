#include <filesystem>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/dataset_report_output.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

struct ValidateFlags {
  std::string file;
  std::string dataset;
  Grouping grouping;
  bool json = false;
};

std::string Absolute(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

// What the dimension file says, or nothing for a CSV; the flags count before it.
absl::StatusOr<DimensionFields> DescribedDataset(const ValidateFlags& flags) {
  if (flags.file.empty()) {
    return absl::InvalidArgumentError("FILE is empty; name a dimension file (.yaml) or a CSV");
  }
  PS_RETURN_IF_ERROR(CheckGrouping(flags.grouping));
  DimensionFields over;
  if (!flags.grouping.column.empty() || !flags.grouping.rule.empty()) over.grouping = flags.grouping;
  if (absl::EndsWith(flags.file, ".yaml") || absl::EndsWith(flags.file, ".yml")) {
    PS_ASSIGN_OR_RETURN(const DimensionFields file, ReadDimensionFile(flags.file));
    if (!flags.dataset.empty()) over.dataset = Absolute(flags.dataset);
    return Merged(over, file);
  }
  if (!flags.dataset.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        flags.file, " is a dataset itself; leave --dataset out, or name a dimension file (.yaml)"));
  }
  over.dataset = Absolute(flags.file);
  return over;
}

absl::StatusOr<std::string> ReadDataset(const DimensionFields& fields) {
  if (!fields.dataset) {
    return absl::InvalidArgumentError(
        absl::StrCat(fields.file, ": dataset: is missing; name the CSV there, or with --dataset"));
  }
  absl::StatusOr<std::string> csv = ReadFile(*fields.dataset);
  if (csv.ok() || !fields.url) return csv;
  return Annotate(csv.status(), absl::StrCat(fields.file, ": fetch the dataset from ", *fields.url,
                                             " and say where it is with --dataset"));
}

std::vector<std::string> Warnings(const DimensionFields& fields, const std::string& csv,
                                  const DatasetReport& report) {
  std::vector<std::string> warnings = DatasetWarnings(report);
  if (fields.rows && *fields.rows != report.rows) {
    warnings.insert(warnings.begin(), absl::StrCat(fields.file, " describes ", *fields.rows,
                                                   " rows, and there are ", report.rows, "."));
  }
  const std::string checksum = ChecksumWarning(fields, csv);
  if (!checksum.empty()) warnings.insert(warnings.begin(), checksum);
  return warnings;
}

absl::Status Validate(const ValidateFlags& flags, Session& session) {
  ValidatedDataset dataset;
  PS_ASSIGN_OR_RETURN(dataset.fields, DescribedDataset(flags));
  PS_ASSIGN_OR_RETURN(const std::string csv, ReadDataset(dataset.fields));
  const std::string name = DatasetName(dataset.fields);
  PS_ASSIGN_OR_RETURN(const Statements statements,
                      ReadStatements(csv, name, dataset.fields.grouping.value_or(Grouping())));
  dataset.sha256 = Sha256Hex(csv);
  dataset.report = ExamineDataset(statements, name);
  dataset.warnings = Warnings(dataset.fields, csv, dataset.report);
  session.out() << (flags.json ? ReportJson(dataset) : ReportText(dataset));
  PS_RETURN_IF_ERROR(Annotate(dataset.report.released.status, "protocol released cannot be used"));
  return Annotate(dataset.report.by_group.status, "protocol calibrated cannot be used");
}

}  // namespace

void AddDimensionValidate(CLI::App& group, Action& action) {
  auto flags = std::make_shared<ValidateFlags>();
  CLI::App* command = group.add_subcommand(
      "validate",
      "Examine a dataset: balance, duplicates, groups, what its surface tells; needs no coordinator");
  command->add_option("FILE", flags->file, "A dimension file (.yaml; docs/dimensions.md), or a dataset's CSV")
      ->required();
  command->add_option("--dataset", flags->dataset, "The CSV of a dimension file, where it is not beside it");
  command->add_option("--group-by", flags->grouping.rule,
                      "Group rows by a rule: same_text, same_question, same_context");
  command->add_option("--group-column", flags->grouping.column, "Group rows by a column of the CSV");
  command->add_flag("--json", flags->json, "As a JSON object");
  command->callback(
      [flags, &action] { action = [flags](Session& session) { return Validate(*flags, session); }; });
}

}  // namespace probesweep::client
