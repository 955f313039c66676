#include <memory>
#include <string>

#include "client/cli/commands.h"
#include "client/cli/comparison_output.h"
#include "client/cli/fetched_results.h"
#include "client/compare/result_file.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

struct CompareFlags {
  std::string a, b;
  ComparisonFlags comparison;
};

absl::StatusOr<ResultSet> Read(const std::string& name, Session& session) {
  if (NamesResultFile(name)) return ReadResultFile(name);
  PS_ASSIGN_OR_RETURN(Client* const client, session.client());
  PS_ASSIGN_OR_RETURN(const v1::Sweep sweep, client->ResolveSweep(name));
  WarnOfMissingResults(sweep, session);
  ResultSet set;
  set.name = sweep.id();
  PS_RETURN_IF_ERROR(
      client->QueryResults(sweep.id(), {}, [&set](const v1::ResultRow& row) { return AddRow(row, set); }));
  return set;
}

absl::Status CompareResults(const CompareFlags& flags, Session& session) {
  PS_ASSIGN_OR_RETURN(const ResultSet a, Read(flags.a, session));
  PS_ASSIGN_OR_RETURN(const ResultSet b, Read(flags.b, session));
  return PrintComparison(Compare(a, b, flags.comparison.tolerance), {a.name, b.name}, flags.comparison,
                         session);
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
  AddComparisonFlags(*command, flags->comparison);
  command->callback(
      [flags, &action] { action = [flags](Session& session) { return CompareResults(*flags, session); }; });
}

}  // namespace probesweep::client
