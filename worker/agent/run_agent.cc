#include "worker/agent/run_agent.h"

#include <semaphore.h>
#include <signal.h>
#include <time.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/addresses.h"
#include "common/clock.h"
#include "common/ids.h"
#include "common/logging.h"
#include "common/status.h"
#include "worker/agent/agent.h"
#include "worker/agent/grpc_coordinator_client.h"
#include "worker/agent/logged_engine.h"
#include "worker/agent/spool.h"
#include "worker/agent/worker_id.h"

namespace probesweep::worker {
namespace {

// One post for each SIGTERM or SIGINT. A handler, not a mask: libraries such as OpenBLAS start threads before
// main, and a signal that is blocked everywhere else would end the process there.
sem_t signals_received;

void InstallHandlers() {
  sem_init(&signals_received, 0, 0);
  struct sigaction action = {};
  action.sa_handler = [](int) { sem_post(&signals_received); };
  action.sa_flags = SA_RESTART;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
}

// Waits for signals on a thread of its own for as long as it lives.
class SignalWatch {
 public:
  SignalWatch(Agent* agent, CoordinatorClient* client, absl::Duration drain_timeout)
      : thread_([this, agent, client, drain_timeout] { Watch(agent, client, drain_timeout); }) {}
  ~SignalWatch() {
    done_ = true;
    thread_.join();
  }

 private:
  // True when a signal came before `timeout`.
  static bool Await(absl::Duration timeout) {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const timespec end = absl::ToTimespec(absl::DurationFromTimespec(now) + timeout);
    return sem_clockwait(&signals_received, CLOCK_MONOTONIC, &end) == 0;
  }

  void Watch(Agent* agent, CoordinatorClient* client, absl::Duration drain_timeout) {
    const absl::Duration tick = absl::Milliseconds(100);
    while (!done_ && !Await(tick)) {
    }
    if (done_) return;
    spdlog::info(
        "stopping: no new work; the pass in hand has {} to finish (signal again to give it back now)",
        absl::FormatDuration(drain_timeout));
    agent->RequestDrain();
    for (absl::Duration waited; !done_ && waited < drain_timeout; waited += tick) {
      if (Await(tick)) break;
    }
    agent->RequestStop();
    // A pass that is between two looks at the flag gets a moment to give its lease back.
    for (absl::Duration waited; !done_ && waited < absl::Seconds(5); waited += tick) Await(tick);
    if (!done_) client->Shutdown();
  }

  std::atomic<bool> done_{false};
  std::thread thread_;
};

// Null when the default folder cannot be used: a worker without a home folder works, less safely.
absl::StatusOr<std::unique_ptr<Spool>> OpenSpool(const RunAgentOptions& options,
                                                 const std::string& worker_id) {
  Spool::Options spool;
  spool.limit_bytes = options.spool_limit_bytes;
  spool.folder = options.spool_folder.empty() ? DefaultSpoolFolder(worker_id) : options.spool_folder;
  absl::StatusOr<std::unique_ptr<Spool>> opened = Spool::Open(spool);
  if (opened.ok() || !options.spool_folder.empty() || absl::IsFailedPrecondition(opened.status())) {
    return opened;
  }
  spdlog::warn(
      "no spool: results that the coordinator has not accepted are lost if this process dies; give a folder "
      "with --spool: {}",
      opened.status().message());
  return std::unique_ptr<Spool>();
}

}  // namespace

absl::Status RunAgentUntilSignalled(const RunAgentOptions& options) {
  InstallHandlers();
  const std::vector<std::string> coordinators = SplitAddresses(options.coordinator);
  PS_RETURN_IF_ERROR(Annotate(CheckAddresses(coordinators), "--coordinator"));
  PS_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, CreateEngine(options.engine));
  LoggedEngine logged(engine.get());
  Agent::Options agent_options;
  agent_options.host = HostName();
  agent_options.worker_id = options.worker_id;
  agent_options.startup_patience = options.startup_patience;
  std::unique_ptr<WorkerSlot> slot;
  if (agent_options.worker_id.empty()) {
    const std::string folder = options.lock_folder.empty() ? DefaultLockFolder() : options.lock_folder;
    PS_ASSIGN_OR_RETURN(slot, WorkerSlot::Claim(folder, agent_options.host, engine->device()));
    agent_options.worker_id = slot->worker_id();
  }
  PS_ASSIGN_OR_RETURN(const std::unique_ptr<Spool> spool, OpenSpool(options, agent_options.worker_id));
  agent_options.spool = spool.get();
  PS_ASSIGN_OR_RETURN(const std::unique_ptr<CoordinatorClient> client,
                      MakeGrpcCoordinatorClient(coordinators, options.security));
  Agent agent(agent_options, client.get(), &logged, Clock::System(), RandomSource::System());
  const SignalWatch watch(&agent, client.get(), options.drain_timeout);
  return agent.Run();
}

}  // namespace probesweep::worker
