// What the coordinator keeps: the contract that every store fulfils.
#ifndef PROBESWEEP_SERVER_STORE_STORE_H_
#define PROBESWEEP_SERVER_STORE_STORE_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/domain/outcome.h"
#include "server/domain/sweep.h"
#include "server/domain/task.h"
#include "server/domain/worker.h"

namespace probesweep::server {

// Everything but outcomes: what the coordinator's memory is rebuilt from.
struct StoredState {
  std::vector<Sweep> sweeps;  // by sequence
  std::vector<Task> tasks;  // by sweep, checkpoint, dimension; their checkpoint_digest is that of the outcome
  std::vector<Worker> workers;
};

// Changes that become durable together or not at all.
struct ChangeSet {
  std::vector<Sweep> sweeps;                              // inserted or replaced
  std::vector<Task> tasks;                                // inserted or replaced
  std::vector<std::pair<std::string, Outcome>> outcomes;  // by reuse key; one that exists stays as it is
  std::vector<Worker> workers;                            // inserted or replaced
  std::vector<std::string> forgotten_workers;             // ids
  std::vector<std::string>
      deleted_sweeps;  // ids; with their tasks, and outcomes that no other task refers to

  bool empty() const {
    return sweeps.empty() && tasks.empty() && outcomes.empty() && workers.empty() &&
           forgotten_workers.empty() && deleted_sweeps.empty();
  }
};

// Thread-safe. Every error is UNAVAILABLE (may pass: locked, lost connection, disk full — the message says
// which) or DATA_LOSS (what is stored cannot be read).
class Store {
 public:
  virtual ~Store() = default;
  virtual absl::StatusOr<StoredState> Load() = 0;
  // Durable when it returns OK. After an error nothing of it is there.
  virtual absl::Status Commit(const ChangeSet& changes) = 0;
  // OK when a small change can be made durable now; it leaves none.
  virtual absl::Status CheckWritable() = 0;
  // Those of the keys that have an outcome, each with its checkpoint_digest.
  virtual absl::StatusOr<std::map<std::string, std::string>> ExistingOutcomes(
      const std::vector<std::string>& keys) = 0;
  // Rows in the order they were committed. Errors: NOT_FOUND.
  virtual absl::StatusOr<Outcome> ReadOutcome(const std::string& key) = 0;
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_STORE_STORE_H_
