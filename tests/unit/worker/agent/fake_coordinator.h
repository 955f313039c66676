// A coordinator in memory: answers what a test scripts, remembers what it was sent.
#ifndef PROBESWEEP_TESTS_UNIT_WORKER_AGENT_FAKE_COORDINATOR_H_
#define PROBESWEEP_TESTS_UNIT_WORKER_AGENT_FAKE_COORDINATOR_H_

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "tests/support/fake_clock.h"
#include "worker/agent/coordinator_client.h"

namespace probesweep::worker {

using ::probesweep::testing::CountingRandom;
using ::probesweep::testing::ManualClock;

// Calls come from the agent's thread and the heartbeat thread; the scripts are set before either starts.
class FakeCoordinator : public CoordinatorClient {
 public:
  absl::StatusOr<v1::RegisterWorkerResponse> Register(const v1::RegisterWorkerRequest& request) override {
    absl::MutexLock lock(&mutex);
    calls.push_back("register");
    registrations.push_back(request);
    if (!register_errors.empty()) {
      const absl::Status error = register_errors.front();
      register_errors.pop_front();
      return error;
    }
    v1::RegisterWorkerResponse response;
    response.mutable_heartbeat_interval()->set_nanos(
        static_cast<int32_t>(absl::ToInt64Nanoseconds(heartbeat_interval % absl::Seconds(1))));
    response.mutable_heartbeat_interval()->set_seconds(absl::ToInt64Seconds(heartbeat_interval));
    response.mutable_lease_ttl()->set_seconds(30);
    return response;
  }
  absl::StatusOr<v1::LeaseTasksResponse> Lease(const v1::LeaseTasksRequest&) override {
    if (on_lease) std::exchange(on_lease, nullptr)();
    absl::MutexLock lock(&mutex);
    if (leases.empty()) {
      v1::LeaseTasksResponse drain;
      drain.set_drain(true);
      return drain;
    }
    absl::StatusOr<v1::LeaseTasksResponse> response = leases.front();
    leases.pop_front();
    return response;
  }
  absl::StatusOr<v1::HeartbeatResponse> Heartbeat(const v1::HeartbeatRequest& request) override {
    absl::MutexLock lock(&mutex);
    calls.push_back("heartbeat");
    if (away) return kAway;
    heartbeats.push_back(request);
    if (on_heartbeat) return on_heartbeat(request);
    v1::HeartbeatResponse response;
    for (const v1::LeaseProgress& lease : request.leases()) response.add_renewed_lease_ids(lease.lease_id());
    return response;
  }
  absl::StatusOr<v1::CommitTaskResponse> Commit(const v1::CommitTaskRequest& request) override {
    absl::MutexLock lock(&mutex);
    calls.push_back("commit");
    if (away) return kAway;
    commits.push_back(request);
    if (on_commit) on_commit();
    return commit_errors.empty() ? absl::StatusOr<v1::CommitTaskResponse>(v1::CommitTaskResponse())
                                 : absl::StatusOr<v1::CommitTaskResponse>(PopCommitError());
  }
  absl::Status Fail(const v1::FailTaskRequest& request) override {
    absl::MutexLock lock(&mutex);
    calls.push_back("fail");
    if (away) return kAway;
    failures.push_back(request);
    return absl::OkStatus();
  }
  absl::Status Release(const v1::ReleaseLeaseRequest& request) override {
    absl::MutexLock lock(&mutex);
    calls.push_back("release");
    if (away) return kAway;
    releases.push_back(request);
    return absl::OkStatus();
  }
  absl::StatusOr<std::string> FetchBlob(const std::string& digest) override {
    absl::MutexLock lock(&mutex);
    ++fetches;
    if (!fetch_errors.empty()) {
      const absl::Status error = fetch_errors.front();
      fetch_errors.pop_front();
      return error;
    }
    const auto blob = blobs.find(digest);
    if (blob == blobs.end()) return absl::NotFoundError("no such blob");
    return blob->second;
  }
  absl::Status PutArtifact(const std::string& digest, absl::string_view bytes) override {
    absl::MutexLock lock(&mutex);
    calls.push_back("artifact");
    if (away) return kAway;
    if (on_artifact) on_artifact();
    if (!artifact_error.ok()) return artifact_error;
    artifacts[digest] = std::string(bytes);
    return absl::OkStatus();
  }
  void CancelLease() override {
    absl::MutexLock lock(&mutex);
    ++lease_cancels;
  }
  void Shutdown() override {}

  void SetAway(bool is_away) {
    absl::MutexLock lock(&mutex);
    away = is_away;
  }
  // Waits until `condition`, which looks at what was sent, holds; false when it does not in time.
  bool Await(const std::function<bool()>& condition) {
    absl::MutexLock lock(&mutex);
    return mutex.AwaitWithTimeout(
        absl::Condition(
            +[](const std::function<bool()>* holds) { return (*holds)(); }, &condition),
        absl::Seconds(30));
  }

  absl::Mutex mutex;
  bool away = false;               // all that workers send of leases and tasks fails
  std::vector<std::string> calls;  // all but polls and fetches, by their kinds, in order
  absl::Duration heartbeat_interval = absl::Seconds(10);
  std::deque<absl::Status> register_errors;
  std::deque<absl::Status> commit_errors;
  std::deque<absl::Status> fetch_errors;
  absl::Status artifact_error;
  std::deque<absl::StatusOr<v1::LeaseTasksResponse>> leases;
  std::function<absl::StatusOr<v1::HeartbeatResponse>(const v1::HeartbeatRequest&)> on_heartbeat;
  std::map<std::string, std::string> blobs;
  std::map<std::string, std::string> artifacts;
  std::vector<v1::RegisterWorkerRequest> registrations;
  std::vector<v1::HeartbeatRequest> heartbeats;
  std::vector<v1::CommitTaskRequest> commits;
  std::vector<v1::FailTaskRequest> failures;
  std::vector<v1::ReleaseLeaseRequest> releases;
  int fetches = 0;
  int lease_cancels = 0;
  std::function<void()> on_lease;     // called while a poll is in progress
  std::function<void()> on_commit;    // called once it is taken
  std::function<void()> on_artifact;  // called before it is taken

 private:
  const absl::Status kAway = absl::UnavailableError("connection refused");

  absl::Status PopCommitError() {
    const absl::Status error = commit_errors.front();
    commit_errors.pop_front();
    return error;
  }
};

inline v1::Grant MakeGrant(const std::string& lease, const std::vector<std::string>& dimensions) {
  v1::Grant grant;
  grant.set_lease_id(lease);
  grant.mutable_checkpoint()->set_name("step1");
  grant.mutable_checkpoint()->set_path("/models/step1");
  for (const std::string& name : dimensions) {
    v1::GrantedTask& task = *grant.add_tasks();
    task.set_task_id("task-" + name);
    task.set_epoch(3);
    task.mutable_dimension()->set_name(name);
    task.mutable_dimension()->set_dataset(name + "-set");
    task.mutable_dimension()->set_dataset_digest("digest-" + name);
  }
  return grant;
}

}  // namespace probesweep::worker

#endif  // PROBESWEEP_TESTS_UNIT_WORKER_AGENT_FAKE_COORDINATOR_H_
