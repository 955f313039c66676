// The workers that the coordinator knows, the leases they hold, the long polls they wait in.
#ifndef PROBESWEEP_SERVER_SERVICE_FLEET_H_
#define PROBESWEEP_SERVER_SERVICE_FLEET_H_

#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "server/domain/worker.h"
#include "server/scheduling/lease_policy.h"
#include "server/service/commands.h"

namespace probesweep::server {

// A worker that waits for work.
struct ParkedPoll {
  uint64_t id = 0;
  WorkerRef worker;
  absl::Duration deadline;  // steady
  std::vector<std::string> cached_paths;
  Reply<LeaseAnswer> reply;
};

struct WorkerEntry {
  Worker worker;
  absl::Duration last_heard;  // steady
};

// Not thread-safe. Holds no task state: leases name tasks by id.
class Fleet {
 public:
  Fleet(LeaseOptions options, Clock* clock) : options_(options), clock_(clock) {}

  // Takes over stored workers and the leases found in stored tasks, each with a full time to live.
  void Reset(std::vector<Worker> workers, std::vector<Lease> leases);

  // Registers or replaces a worker.
  void Put(Worker worker);
  // Errors: NOT_FOUND (register first), FAILED_PRECONDITION (another incarnation took over).
  absl::Status Check(const WorkerRef& worker) const;
  void Heard(const WorkerRef& worker);
  Worker* Find(const std::string& worker_id);
  // Workers not heard of for `silence`, without a lease.
  std::vector<std::string> Forgotten(absl::Duration silence) const;
  void Forget(const std::string& worker_id) { workers_.erase(worker_id); }

  // Null when unknown.
  Lease* FindLease(const std::string& lease_id);
  Lease& AddLease(Lease lease);  // with a full time to live from now
  void EraseLease(const std::string& lease_id) { leases_.erase(lease_id); }
  std::vector<std::string> LeasesOf(const std::string& worker_id) const;
  // Renews the lease of this very process; false when it has none of that id. `progressed`: what views show
  // has changed.
  bool Renew(const WorkerRef& worker, const LeaseProgress& progress, bool& progressed);
  struct EndedLease {
    std::string lease_id;
    LeaseVerdict verdict;
  };
  std::vector<EndedLease> EndedLeases() const;

  std::list<ParkedPoll>& polls() { return polls_; }

  // Steady time of the next change that comes by itself; InfiniteDuration when there is none.
  absl::Duration NextWake() const;
  WorkerView ViewOf(const WorkerEntry& entry) const;
  std::vector<WorkerView> Views() const;  // checkpoint names are the caller's to fill in
  const std::map<std::string, WorkerEntry>& workers() const { return workers_; }
  const std::map<std::string, Lease>& leases() const { return leases_; }

 private:
  const LeaseOptions options_;
  Clock* const clock_;
  std::map<std::string, WorkerEntry> workers_;  // by id
  std::map<std::string, Lease> leases_;         // by id
  std::list<ParkedPoll> polls_;                 // longest waiting first
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_SERVICE_FLEET_H_
