// The workers that the coordinator knows, the leases they hold, the long polls they wait in.
#ifndef PROBESWEEP_SERVER_SERVICE_FLEET_H_
#define PROBESWEEP_SERVER_SERVICE_FLEET_H_

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "server/domain/worker.h"
#include "server/scheduling/lease_policy.h"
#include "server/service/commands.h"

namespace probesweep::server {

// A worker that waits for work.
struct ParkedPoll {
  uint64_t id = 0;  // grows from one poll to the next
  WorkerRef worker;
  absl::Duration deadline;  // steady
  std::vector<std::string> cached_paths;
  Reply<LeaseAnswer> reply;
};

// Not thread-safe. Holds no task state: leases name tasks by id. Whatever is asked at each step costs at most
// the logarithm of the fleet's size.
class Fleet {
 public:
  Fleet(LeaseOptions options, Clock* clock) : options_(options), clock_(clock) {}

  // Takes over stored workers and the leases found in stored tasks, each with a full time to live. Polls
  // stay.
  void Reset(std::vector<Worker> workers, std::vector<Lease> leases);

  // Registers or replaces a worker.
  void Put(Worker worker);
  // Errors: NOT_FOUND (register first), FAILED_PRECONDITION (another incarnation took over).
  absl::Status Check(const WorkerRef& worker) const;
  void Heard(const WorkerRef& worker);
  void Drain(const std::string& worker_id);
  // Null when unknown.
  const Worker* Find(const std::string& worker_id) const;
  // Workers not heard of for `silence`, without a lease.
  std::vector<std::string> Forgotten(absl::Duration silence);
  void Forget(const std::string& worker_id);

  // Null when unknown.
  const Lease* FindLease(const std::string& lease_id) const;
  const Lease& AddLease(Lease lease);  // starts now, with a full time to live
  void EraseLease(const std::string& lease_id);
  std::vector<std::string> LeasesOf(const std::string& worker_id) const;
  // Renews the lease of this very process; false when it has none of that id. `progressed`: what views show
  // has changed.
  bool Renew(const WorkerRef& worker, const LeaseProgress& progress, bool& progressed);
  // Gives every lease a full time to live, and to progress.
  void RenewAll();
  struct EndedLease {
    std::string lease_id;
    LeaseVerdict verdict;
  };
  std::vector<EndedLease> EndedLeases() const;

  // A worker waits in one poll at most.
  void Park(ParkedPoll poll);
  std::optional<ParkedPoll> TakePoll(uint64_t poll_id);
  std::optional<ParkedPoll> TakePollOf(const std::string& worker_id);
  std::vector<ParkedPoll> TakeOverduePolls();
  std::vector<ParkedPoll> TakeAllPolls();
  // Longest waiting first.
  const std::map<uint64_t, ParkedPoll>& polls() const { return polls_; }

  // Steady time of the next change that comes by itself; InfiniteDuration when there is none.
  absl::Duration NextWake() const;
  // By WorkerState.
  const std::array<int64_t, 4>& CountByState();
  // Checkpoint names are the caller's to fill in. The worker must be known.
  WorkerView ViewOf(const std::string& worker_id) const;
  std::vector<WorkerView> Views() const;
  std::vector<WorkerView> ViewsOfSweep(const std::string& sweep_id) const;
  const std::map<std::string, Lease>& leases() const { return leases_; }

 private:
  struct Entry {
    Worker worker;
    absl::Duration last_heard;  // steady
    // As counted last.
    std::optional<WorkerState> state;
    std::pair<absl::Duration, std::string> heard_key;
  };

  WorkerState StateOf(const Entry& entry) const;
  // Counts the worker anew, after whatever may have changed its state.
  void Recount(const std::string& worker_id);
  void Uncount(Entry& entry);
  // Counts those lost that fell silent since.
  void CountSilent();

  const LeaseOptions options_;
  Clock* const clock_;
  std::map<std::string, Entry> workers_;                                      // by id
  std::map<std::string, Lease> leases_;                                       // by id
  std::set<std::pair<absl::Duration, std::string>> verdicts_;                 // when each lease is judged
  absl::flat_hash_map<std::string, std::set<std::string>> leases_by_worker_;  // ids
  std::map<uint64_t, ParkedPoll> polls_;                                      // by id
  std::set<std::pair<absl::Duration, uint64_t>> deadlines_;                   // of polls
  absl::flat_hash_map<std::string, uint64_t> polls_by_worker_;                // worker id → poll id
  std::array<int64_t, 4> counts_{};                                           // by WorkerState
  std::set<std::pair<absl::Duration, std::string>> heard_, silent_;           // last heard, worker id
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_SERVICE_FLEET_H_
