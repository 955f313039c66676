// What the coordinator keeps: the contract that every store fulfils.
#ifndef PROBESWEEP_SERVER_STORE_STORE_H_
#define PROBESWEEP_SERVER_STORE_STORE_H_

#include <cstdint>
#include <limits>
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

// How far ReferencedBlobs has come; at first before everything.
struct BlobCursor {
  int64_t sweep_sequence = std::numeric_limits<int64_t>::min();
  std::string outcome_key;
  int64_t artifact = -1;
};

// Thread-safe. Every error is UNAVAILABLE (may pass: locked, lost connection, disk full — the message says
// which), DATA_LOSS (what is stored cannot be read) or FAILED_PRECONDITION (another coordinator leads: this
// one may write nothing any more).
class Store {
 public:
  virtual ~Store() = default;
  virtual absl::StatusOr<StoredState> Load() = 0;
  // Durable when it returns OK. After an error nothing of it is there; after UNAVAILABLE for a connection
  // lost in the middle all of it may be, and the next Load tells.
  virtual absl::Status Commit(const ChangeSet& changes) = 0;
  // OK when a small change can be made durable now; it leaves none of what Load and the others read.
  virtual absl::Status CheckWritable() = 0;
  // Those of the keys that have an outcome, each with its checkpoint_digest.
  virtual absl::StatusOr<std::map<std::string, std::string>> ExistingOutcomes(
      const std::vector<std::string>& keys) = 0;
  // Rows in the order they were committed. Errors: NOT_FOUND.
  virtual absl::StatusOr<Outcome> ReadOutcome(const std::string& key) = 0;
  // The next page of the digests that a sweep's dataset or an outcome's artifact has, some of them more than
  // once; none at the end. What was there at the first page and still is at the last is in one of them.
  virtual absl::StatusOr<std::vector<std::string>> ReferencedBlobs(BlobCursor& cursor) = 0;
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_STORE_STORE_H_
