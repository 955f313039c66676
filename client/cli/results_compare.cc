#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/artifact_differences.h"
#include "client/cli/commands.h"
#include "client/cli/comparison_output.h"
#include "client/cli/fetched_results.h"
#include "client/compare/result_file.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

struct CompareFlags {
  std::string a, b;
  bool artifacts = false;
  ComparisonFlags comparison;
};

absl::StatusOr<ComparedSweep> ReadSweep(const std::string& name, Session& session) {
  PS_ASSIGN_OR_RETURN(Client* const client, session.client());
  ComparedSweep compared;
  PS_ASSIGN_OR_RETURN(compared.sweep, client->ResolveSweep(name));
  WarnOfMissingResults(compared.sweep, session);
  ResultSet& rows = compared.rows;
  rows.name = compared.sweep.id();
  PS_RETURN_IF_ERROR(client->QueryResults(compared.sweep.id(), {},
                                          [&rows](const v1::ResultRow& row) { return AddRow(row, rows); }));
  return compared;
}

// A file has rows alone.
absl::StatusOr<ComparedSweep> Read(const std::string& name, Session& session) {
  if (!NamesResultFile(name)) return ReadSweep(name, session);
  ComparedSweep compared;
  PS_ASSIGN_OR_RETURN(compared.rows, ReadResultFile(name));
  return compared;
}

absl::Status CheckHasArtifacts(const std::string& name) {
  if (!NamesResultFile(name)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--artifacts: ", name, " is an exported file, which holds no artifacts; name two sweeps"));
}

absl::Status CompareResults(const CompareFlags& flags, Session& session) {
  if (flags.artifacts) {
    PS_RETURN_IF_ERROR(CheckHasArtifacts(flags.a));
    PS_RETURN_IF_ERROR(CheckHasArtifacts(flags.b));
  }
  PS_ASSIGN_OR_RETURN(const ComparedSweep a, Read(flags.a, session));
  PS_ASSIGN_OR_RETURN(const ComparedSweep b, Read(flags.b, session));
  Comparison comparison = Compare(a.rows, b.rows, flags.comparison.tolerance);
  if (flags.artifacts) {
    PS_ASSIGN_OR_RETURN(Client* const client, session.client());
    PS_ASSIGN_OR_RETURN(comparison.artifacts, CompareArtifacts(a, b, flags.comparison.tolerance, client));
  }
  return PrintComparison(comparison, {a.rows.name, b.rows.name}, flags.comparison, session);
}

}  // namespace

void AddResultsCompare(CLI::App& group, Action& action) {
  auto flags = std::make_shared<CompareFlags>();
  CLI::App* command = group.add_subcommand(
      "compare", "What differs between two sweeps or exports; exit 1 when anything does");
  command
      ->add_option("A", flags->a,
                   "A sweep, by id or name, or an exported file (.csv, .jsonl, or any path with a slash)")
      ->required();
  command->add_option("B", flags->b, "As A")->required();
  command->add_flag("--artifacts", flags->artifacts,
                    "Compare the artifacts too, tensor by tensor; A and B must be sweeps");
  AddComparisonFlags(*command, flags->comparison);
  command->callback(
      [flags, &action] { action = [flags](Session& session) { return CompareResults(*flags, session); }; });
}

}  // namespace probesweep::client
