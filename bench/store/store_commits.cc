// Durable commits a second: change sets as the coordinator makes them when several workers commit at a time.
//
// Each change set ends `batch` tasks, each with its outcome of `rows` result rows and two artifacts.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/clock.h"
#include "common/digest.h"
#include "common/status.h"
#include "server/store/open_store.h"

namespace probesweep::server {
namespace {

struct Options {
  std::string store;
  std::vector<int> batches = {1, 8, 32, 128};
  int rows = 16;
  double seconds = 5;
};

Outcome MakeOutcome(int rows) {
  Outcome outcome;
  outcome.checkpoint_digest = Sha256Hex("weights");
  outcome.provenance = {
      Sha256Hex("tokenizer"), Sha256Hex("dataset"), "protocols=released", "2", "cuda:0", "bf16"};
  for (int layer = 0; layer < rows; ++layer) {
    LayerRow row{layer, "released", {}};
    for (const char* column : {"accuracy", "auroc", "coef_norm", "intercept", "iterations", "mi_tx", "mi_ty",
                               "steering_norm", "n_train", "n_test"}) {
      row.values[column] = 0.1 * layer + 1.0 / 3;
    }
    outcome.rows.push_back(std::move(row));
  }
  outcome.artifacts = {{"probes", Sha256Hex("probes"), 100'000},
                       {"steering_vectors", Sha256Hex("vectors"), 100'000}};
  return outcome;
}

Task MakeTask(const std::string& sweep, int64_t number) {
  Task task;
  task.id = absl::StrCat(sweep, "-", number);
  task.sweep_id = sweep;
  task.checkpoint = static_cast<int>(number);
  task.reuse_key = Sha256Hex(task.id);
  task.state = TaskState::kDone;
  task.epoch = 1;
  task.lease = {"ls-0123456789ab", "worker-17", "in-0123456789ab", 1};
  return task;
}

absl::Status Measure(Store& store, const std::string& sweep_id, int batch, const Options& options) {
  Sweep sweep;
  sweep.id = sweep.request_id = sweep_id;
  sweep.sequence = absl::GetCurrentTimeNanos();
  ChangeSet first;
  first.sweeps = {sweep};
  PS_RETURN_IF_ERROR(store.Commit(first));
  const Outcome outcome = MakeOutcome(options.rows);
  std::vector<double> milliseconds;
  int64_t commits = 0;
  const absl::Time start = absl::Now();
  while (absl::Now() - start < absl::Seconds(options.seconds)) {
    ChangeSet changes;
    for (int i = 0; i < batch; ++i) {
      changes.tasks.push_back(MakeTask(sweep_id, commits++));
      changes.outcomes.emplace_back(changes.tasks.back().reuse_key, outcome);
    }
    const absl::Time begin = absl::Now();
    PS_RETURN_IF_ERROR(store.Commit(changes));
    milliseconds.push_back(absl::ToDoubleMilliseconds(absl::Now() - begin));
  }
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  std::sort(milliseconds.begin(), milliseconds.end());
  std::printf("%6d %14.0f %18.0f %10.2f %10.2f\n", batch, static_cast<double>(milliseconds.size()) / seconds,
              static_cast<double>(commits) / seconds, milliseconds[milliseconds.size() / 2],
              milliseconds[milliseconds.size() * 99 / 100]);
  return absl::OkStatus();
}

absl::Status Run(const Options& options) {
  PS_ASSIGN_OR_RETURN(const std::unique_ptr<SqlStore> store, OpenStore(options.store, Clock::System()));
  PS_RETURN_IF_ERROR(store->leadership().Lead());
  std::printf("%6s %14s %18s %10s %10s   (%d rows a commit)\n", "batch", "transactions/s",
              "durable commits/s", "p50 ms", "p99 ms", options.rows);
  for (const int batch : options.batches) {
    const std::string sweep = absl::StrCat("bench-", absl::GetCurrentTimeNanos());
    PS_RETURN_IF_ERROR(Measure(*store, sweep, batch, options));
    ChangeSet last;
    last.deleted_sweeps = {sweep};
    PS_RETURN_IF_ERROR(store->Commit(last));
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace probesweep::server

int main(int argc, char** argv) {
  CLI::App app(
      "Durable commits a second on a store, which must be no coordinator's: this program takes the lead.");
  probesweep::server::Options options;
  app.add_option("--store", options.store, "sqlite:///absolute/path or postgresql://…")->required();
  app.add_option("--batch", options.batches,
                 "Commits in one transaction, as many as come in during the last one")
      ->capture_default_str();
  app.add_option("--rows", options.rows, "Result rows of a commit: layers times protocols")
      ->capture_default_str();
  app.add_option("--seconds", options.seconds, "Time for each batch size")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = probesweep::server::Run(options);
  if (!status.ok()) std::fprintf(stderr, "store_commits: %s\n", std::string(status.message()).c_str());
  return probesweep::ExitCodeFor(status);
}
