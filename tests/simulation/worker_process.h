// A worker as worker/agent is one, without threads: register, lease, compute, spool, commit, heartbeat.
#ifndef PROBESWEEP_TESTS_SIMULATION_WORKER_PROCESS_H_
#define PROBESWEEP_TESTS_SIMULATION_WORKER_PROCESS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "server/service/commands.h"
#include "tests/simulation/ledger.h"
#include "tests/simulation/network.h"
#include "tests/simulation/process.h"

namespace probesweep::simulation {

// The rules that the real agent keeps (worker/agent/agent.h, lease_keeper.h, spool.h):
//   - one grant at a time; a poll gives back what an earlier grant left;
//   - an outcome is on the worker's disk before the first attempt to commit it, and stays until it is
//   answered;
//   - nothing is published under a lease that is not confirmed for at least the margin;
//   - what is spooled is sent before a new process registers, under the name of the one that computed it.
class WorkerProcess : public Process {
 public:
  WorkerProcess(std::string name, Timeline* timeline, SimRandom* random, const Faults* faults,
                Network* network, Ledger* ledger);
  // This process is needed: it comes back whenever it was killed.
  void AlwaysComeBack() { always_back_ = true; }
  // How many tasks it computed, and sent without a lease of its present life.
  int64_t computed() const { return computed_; }
  int64_t replayed() const { return replayed_; }

 protected:
  void OnStart() override;
  void OnKilled() override;

 private:
  struct Spooled {
    server::TaskClaim claim;
    server::Outcome outcome;
  };

  void Replay();
  void Commit(const Spooled& spooled, std::function<void(const absl::StatusOr<server::CommitAnswer>&)> done);
  void Register();
  void Poll();
  void TakeGrant(const server::Grant& grant, absl::Duration sent);
  void Compute(size_t index);
  void FinishTask(size_t index);
  void FailTask(size_t index);
  void Publish(const std::string& task_id);
  // True when the coordinator has answered for good.
  bool Answered(const Spooled& spooled, const absl::StatusOr<server::CommitAnswer>& answer);
  void EndGrant();
  void Beat();
  void AbsorbBeat(absl::Duration sent, const absl::StatusOr<server::HeartbeatAnswer>& answer);
  bool Lost() const { return !grant_.has_value() || lost_; }
  bool Publishable() const;
  void Supersede();

  SimRandom* const random_;
  const Faults* const faults_;
  Network* const network_;
  Ledger* const ledger_;

  std::map<std::string, Spooled> spool_;  // by task; survives the process

  server::WorkerRef self_;
  std::optional<server::Grant> grant_;
  absl::Duration deadline_;  // of the grant's lease
  bool lost_ = false, always_back_ = false;
  std::set<std::string> revoked_;
  int64_t steps_ = 0, computed_ = 0, replayed_ = 0;
};

}  // namespace probesweep::simulation

#endif  // PROBESWEEP_TESTS_SIMULATION_WORKER_PROCESS_H_
