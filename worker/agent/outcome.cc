#include "worker/agent/outcome.h"

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/status.h"
#include "worker/agent/convert.h"

namespace probesweep::worker {
namespace {

// Artifacts as the pass made them.
class ArtifactsInMemory : public ArtifactReader {
 public:
  explicit ArtifactsInMemory(const DimensionResult& result) : result_(result) {}
  absl::StatusOr<absl::string_view> Read(int index) override {
    return absl::string_view(result_.artifacts[static_cast<size_t>(index)].bytes);
  }

 private:
  const DimensionResult& result_;
};

// A message that quotes a damaged file can be as long as the file.
std::string Shortened(absl::string_view message) {
  constexpr size_t kLongest = 2048;
  if (message.size() <= kLongest) return std::string(message);
  size_t end = kLongest;
  // Not within a character: bytes 10xxxxxx continue one.
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0) == 0x80) --end;
  return absl::StrCat(message.substr(0, end), "…");
}

void SetFailure(const absl::Status& failure, v1::FailTaskRequest& request) {
  request.set_kind(FailureKindFor(failure));
  request.set_error(Shortened(failure.message()));
}

template <typename Request>
Request ClaimOf(const v1::WorkerIdentity& worker, const v1::Grant& grant, const v1::GrantedTask& task) {
  Request request;
  *request.mutable_worker() = worker;
  request.set_lease_id(grant.lease_id());
  request.set_task_id(task.task_id());
  request.set_epoch(task.epoch());
  return request;
}

}  // namespace

const v1::WorkerIdentity& Outcome::worker() const {
  return std::visit([](const auto& message) -> const v1::WorkerIdentity& { return message.worker(); },
                    request);
}

const std::string& Outcome::lease_id() const {
  return std::visit([](const auto& message) -> const std::string& { return message.lease_id(); }, request);
}

const std::string& Outcome::task_id() const {
  return std::visit([](const auto& message) -> const std::string& { return message.task_id(); }, request);
}

int64_t Outcome::epoch() const {
  return std::visit([](const auto& message) { return message.epoch(); }, request);
}

uint64_t Outcome::ArtifactBytes() const {
  uint64_t bytes = 0;
  if (commit() == nullptr) return bytes;
  for (const v1::ArtifactRef& artifact : commit()->artifacts())
    bytes += static_cast<uint64_t>(artifact.size_bytes());
  return bytes;
}

Outcome CommitOutcome(const v1::WorkerIdentity& worker, const v1::Grant& grant, const v1::GrantedTask& task,
                      const DimensionResult& result) {
  auto request = ClaimOf<v1::CommitTaskRequest>(worker, grant, task);
  ToProto(result, request);
  for (const ArtifactBytes& artifact : result.artifacts) {
    v1::ArtifactRef& reference = *request.add_artifacts();
    reference.set_digest(Sha256Hex(artifact.bytes));
    reference.set_kind(artifact.kind);
    reference.set_size_bytes(static_cast<int64_t>(artifact.bytes.size()));
  }
  return {std::move(request), std::make_unique<ArtifactsInMemory>(result)};
}

Outcome FailureOutcome(const v1::WorkerIdentity& worker, const v1::Grant& grant, const v1::GrantedTask& task,
                       const absl::Status& failure) {
  auto request = ClaimOf<v1::FailTaskRequest>(worker, grant, task);
  SetFailure(failure, request);
  return {std::move(request), nullptr};
}

Outcome RefusedOutcome(const v1::CommitTaskRequest& commit, const absl::Status& refusal) {
  v1::FailTaskRequest request;
  *request.mutable_worker() = commit.worker();
  request.set_lease_id(commit.lease_id());
  request.set_task_id(commit.task_id());
  request.set_epoch(commit.epoch());
  SetFailure(Annotate(refusal, "the coordinator refused the result"), request);
  return {std::move(request), nullptr};
}

}  // namespace probesweep::worker
