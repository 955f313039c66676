#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/comparison_output.h"
#include "client/cli/following.h"
#include "client/cli/interruption.h"
#include "client/cli/output.h"
#include "client/compare/verification.h"
#include "client/render/progress.h"
#include "common/ids.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

struct VerifyFlags {
  std::string sweep;
  size_t cells = 3;
  uint64_t seed = 0;
  ComparisonFlags comparison;
};

// The stored rows of these cells.
absl::StatusOr<ResultSet> StoredRows(const v1::Sweep& sweep, const std::vector<SweepCell>& cells,
                                     Client& client) {
  const std::set<SweepCell> wanted(cells.begin(), cells.end());
  std::set<std::string> dimensions;
  for (const SweepCell& cell : cells) dimensions.insert(cell.second);
  ResultSet set;
  set.name = "stored";
  PS_RETURN_IF_ERROR(
      client.QueryResults(sweep.id(), {dimensions.begin(), dimensions.end()}, [&](const v1::ResultRow& row) {
        return wanted.count({row.checkpoint(), row.dimension()}) > 0 ? AddRow(row, set) : absl::OkStatus();
      }));
  return set;
}

// Removes a verification sweep when the command ends, however it does.
class Removal {
 public:
  Removal(std::string id, Client* client, Session* session)
      : id_(std::move(id)), client_(client), session_(session) {}
  ~Removal() {
    absl::Status status = client_->DeleteSweep(id_);
    if (absl::IsFailedPrecondition(status)) {  // it still runs
      status = client_->CancelSweep(id_).status();
      if (status.ok()) status = client_->DeleteSweep(id_);
    }
    if (!status.ok()) {
      session_->err() << "warning: the verification sweep " << id_ << " is left: " << status.message()
                      << "; remove it with `probesweep sweep delete " << id_ << "`\n";
    }
  }
  Removal(const Removal&) = delete;
  Removal& operator=(const Removal&) = delete;

 private:
  const std::string id_;
  Client* const client_;
  Session* const session_;
};

// Waits until the verification sweep is computed, and reads its rows under the names of the sweep's
// checkpoints.
absl::Status Await(const v1::Sweep& sweep, const v1::Sweep& verification, Client& client, Session& session,
                   ResultSet& recomputed) {
  PS_RETURN_IF_ERROR(FollowToEnd(verification.id(), /*show_progress=*/true, client, session));
  const std::map<std::string, std::string> names = CheckpointNames(sweep, verification);
  return client.QueryResults(verification.id(), {}, [&](v1::ResultRow row) {
    const auto name = names.find(row.checkpoint());
    if (name != names.end()) row.set_checkpoint(name->second);
    return AddRow(row, recomputed);
  });
}

absl::Status Recompute(const v1::Sweep& sweep, const v1::SweepSpec& spec, Client& client, Session& session,
                       ResultSet& recomputed) {
  Interruption interruption;  // from before there is a sweep that Ctrl-C could leave behind
  const std::string request_id = RandomId("verify", 32, *RandomSource::System());
  PS_ASSIGN_OR_RETURN(const v1::Sweep verification, client.CreateSweep(spec, request_id));
  const Removal removal(verification.id(), &client, &session);
  PrintWarnings(verification, session);
  // A cancelled sweep has ended: that ends the wait for it.
  interruption.Then([&client, id = verification.id()] { client.CancelSweep(id).IgnoreError(); });
  const absl::Status computed = Await(sweep, verification, client, session, recomputed);
  return interruption.Came() ? absl::CancelledError("interrupted: nothing was compared") : computed;
}

absl::Status Verify(const VerifyFlags& flags, Session& session) {
  PS_ASSIGN_OR_RETURN(Client* const client, session.client());
  PS_ASSIGN_OR_RETURN(const v1::Sweep sweep, client->ResolveSweep(flags.sweep));
  PS_ASSIGN_OR_RETURN(const std::vector<v1::Task> tasks, client->ListTasks(sweep.id()));
  const std::vector<SweepCell> cells = PickCells(tasks, flags.cells, flags.seed);
  if (cells.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("sweep ", sweep.spec().name(),
                     " has no finished task to verify; see `probesweep sweep get ", sweep.id(), "`"));
  }
  const std::string recompute = RandomId("verify", 32, *RandomSource::System());
  PS_ASSIGN_OR_RETURN(const std::vector<v1::SweepSpec> specs, PlanVerification(sweep, cells, recompute));
  PS_ASSIGN_OR_RETURN(const ResultSet stored, StoredRows(sweep, cells, *client));
  session.err() << "computing " << cells.size() << " of " << TotalTasks(sweep.tasks()) << " tasks anew\n";
  ResultSet recomputed;
  recomputed.name = "recomputed";
  for (const v1::SweepSpec& spec : specs) {
    PS_RETURN_IF_ERROR(Recompute(sweep, spec, *client, session, recomputed));
  }
  Comparison comparison = Compare(stored, recomputed, flags.comparison.tolerance);
  // It does: nothing is kept of what is computed only to be compared.
  comparison.provenance.erase("configuration");
  return PrintComparison(comparison, {stored.name, recomputed.name}, flags.comparison, session);
}

}  // namespace

void AddResultsVerify(CLI::App& group, Action& action) {
  auto flags = std::make_shared<VerifyFlags>();
  CLI::App* command = group.add_subcommand(
      "verify", "Compute some of a sweep's cells anew and compare; exit 1 when they differ");
  command->add_option("SWEEP", flags->sweep, "The sweep's id, or its name (the newest of that name)")
      ->required();
  command
      ->add_option("--cells", flags->cells,
                   "How many finished tasks (checkpoint and dimension), drawn at random")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--seed", flags->seed, "Of the draw")->capture_default_str();
  AddComparisonFlags(*command, flags->comparison);
  command->callback(
      [flags, &action] { action = [flags](Session& session) { return Verify(*flags, session); }; });
}

}  // namespace probesweep::client
