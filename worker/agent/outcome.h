// What became of one task, with all that it takes to tell the coordinator.
#ifndef PROBESWEEP_WORKER_AGENT_OUTCOME_H_
#define PROBESWEEP_WORKER_AGENT_OUTCOME_H_

#include <cstdint>
#include <memory>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "probesweep/v1/worker_service.pb.h"
#include "worker/engine/pass.h"

namespace probesweep::worker {

// The bytes of a commit's artifacts, wherever they lie. Not thread-safe.
class ArtifactReader {
 public:
  virtual ~ArtifactReader() = default;
  // Artifact `index` of the commit; valid until the next call. Errors: DATA_LOSS (not the bytes that were
  // written), those of reading a file.
  virtual absl::StatusOr<absl::string_view> Read(int index) = 0;
};

struct Outcome {
  // Carries its own identity: worker, lease, task and epoch under which it was computed.
  std::variant<v1::CommitTaskRequest, v1::FailTaskRequest> request;
  std::unique_ptr<ArtifactReader> artifacts;  // those that a commit names; null without any

  // Null when the task failed.
  const v1::CommitTaskRequest* commit() const { return std::get_if<v1::CommitTaskRequest>(&request); }
  const v1::WorkerIdentity& worker() const;
  const std::string& lease_id() const;
  const std::string& task_id() const;
  int64_t epoch() const;
  uint64_t ArtifactBytes() const;  // of all its artifacts
};

// Reads the artifacts from `result`, which must outlive the outcome.
Outcome CommitOutcome(const v1::WorkerIdentity& worker, const v1::Grant& grant, const v1::GrantedTask& task,
                      const DimensionResult& result);
Outcome FailureOutcome(const v1::WorkerIdentity& worker, const v1::Grant& grant, const v1::GrantedTask& task,
                       const absl::Status& failure);
// In place of a commit that the coordinator refuses.
Outcome RefusedOutcome(const v1::CommitTaskRequest& commit, const absl::Status& refusal);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_AGENT_OUTCOME_H_
