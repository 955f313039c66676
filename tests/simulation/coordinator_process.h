// The real coordinator core on the real store, as a process of the simulated world.
#ifndef PROBESWEEP_TESTS_SIMULATION_COORDINATOR_PROCESS_H_
#define PROBESWEEP_TESTS_SIMULATION_COORDINATOR_PROCESS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/service/core.h"
#include "server/service/observer.h"
#include "server/store/sql_store.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/ledger.h"
#include "tests/simulation/process.h"

namespace probesweep::simulation {

// The store as one process opens it: with connections of its own.
using OpenStoreFunction = std::function<absl::StatusOr<std::unique_ptr<server::SqlStore>>(Clock* clock)>;

// Waits as a standby until it leads, then serves; ends when another leads, and is started again.
class CoordinatorProcess : public Process {
 public:
  CoordinatorProcess(std::string name, Timeline* timeline, SimRandom* random, const Faults* faults,
                     Ledger* ledger, OpenStoreFunction open_store);
  ~CoordinatorProcess() override;

  bool serving() const { return core_ != nullptr; }
  using Request = std::function<void(server::CoordinatorCore&)>;
  // A message arrives. It is handled together with those that arrive until the coordinator's thread gets to
  // them.
  void Receive(Request request);
  void JumpClock(absl::Duration by) { clock_.Jump(by); }

 protected:
  void OnStart() override;
  void OnKilled() override;

 private:
  class FaultyStore;
  void TryLead();
  void Serve();
  void RenewLeadership();
  // One round of the coordinator's thread (server/service/coordinator.cc).
  void Round();
  void ScheduleRound(absl::Duration delay);
  void ScheduleRestart();

  SimRandom* const random_;
  const Faults* const faults_;
  Ledger* const ledger_;
  const OpenStoreFunction open_store_;
  SimClock clock_;
  std::unique_ptr<server::CoordinatorObserver> observer_;
  server::SqlStore* sql_store_ = nullptr;  // within store_
  std::unique_ptr<server::Store> store_;
  std::unique_ptr<server::CoordinatorCore> core_;
  std::vector<std::unique_ptr<server::CoordinatorCore>>
      dead_;  // killed in the midst of a call on their stack
  std::vector<Request> inbox_;
  absl::Duration looked_;
  absl::Duration next_round_ = absl::InfiniteDuration();
};

}  // namespace probesweep::simulation

#endif  // PROBESWEEP_TESTS_SIMULATION_COORDINATOR_PROCESS_H_
