// What must hold in every world, checked against all that became durable and all that was acknowledged.
#ifndef PROBESWEEP_TESTS_SIMULATION_LEDGER_H_
#define PROBESWEEP_TESTS_SIMULATION_LEDGER_H_

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/service/commands.h"
#include "server/store/store.h"

namespace probesweep::simulation {

// Told of each change set that became durable, in order, and of each commit that a coordinator accepted after
// it was. Knows nothing of how a coordinator decides.
class Ledger {
 public:
  void OnDurable(const server::ChangeSet& changes);
  // A coordinator says that this commit made the task DONE.
  void OnAccepted(const server::TaskClaim& claim);
  // A worker was told that its result is stored, now or before.
  void OnAcknowledged(const std::string& task_id);
  // The end of a world: what `store` holds must be what was acknowledged. `ended`: every sweep came to its
  // end.
  void Close(server::Store& store, bool ended);

  void Violation(const std::string& what) { violations_.push_back(what); }
  const std::vector<std::string>& violations() const { return violations_; }
  int64_t accepted() const { return accepted_count_; }

 private:
  void CheckTask(const server::Task& task);
  void Forget(const std::string& sweep);

  std::map<std::string, server::Task> tasks_;
  // Tasks as they were, durably, when they became DONE by a commit: under the lease that may have done it.
  std::map<std::string, server::Task> done_from_;
  std::map<std::string, double> results_;  // reuse key → what was stored first
  std::set<std::string> accepted_;         // tasks
  int64_t accepted_count_ = 0;
  std::vector<std::string> violations_;
};

// The one number by which a simulated outcome is told from another of the same key.
double Fingerprint(const server::Outcome& outcome);

}  // namespace probesweep::simulation

#endif  // PROBESWEEP_TESTS_SIMULATION_LEDGER_H_
