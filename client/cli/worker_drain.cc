#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "common/edit_distance.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

// The coordinator's answer, with the nearest worker's name.
absl::Status UnknownWorker(const absl::Status& status, const std::string& worker_id, Client& client) {
  const absl::StatusOr<std::vector<v1::Worker>> workers = client.ListWorkers();
  if (!absl::IsNotFound(status) || !workers.ok()) return status;
  std::vector<std::string> ids;
  for (const v1::Worker& worker : *workers) ids.push_back(worker.id());
  const std::string nearest = NearestName(worker_id, ids);
  return nearest.empty()
             ? status
             : absl::NotFoundError(absl::StrCat(status.message(), "; did you mean '", nearest, "'?"));
}

absl::Status Drain(const std::string& worker_id, Session& session) {
  PS_ASSIGN_OR_RETURN(Client* const client, session.client());
  const absl::StatusOr<v1::Worker> worker = client->DrainWorker(worker_id);
  if (!worker.ok()) return UnknownWorker(worker.status(), worker_id, *client);
  session.err() << worker->id() << " finishes what it holds and gets no more\n";
  return absl::OkStatus();
}

}  // namespace

void AddWorkerDrain(CLI::App& group, Action& action) {
  auto worker = std::make_shared<std::string>();
  CLI::App* command = group.add_subcommand("drain", "Let a worker finish what it holds and give it no more");
  command->add_option("WORKER", *worker, "The worker's id, as `worker list` shows it")->required();
  command->callback(
      [worker, &action] { action = [worker](Session& session) { return Drain(*worker, session); }; });
}

}  // namespace probesweep::client
