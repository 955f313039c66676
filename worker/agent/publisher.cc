#include "worker/agent/publisher.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/logging.h"
#include "common/status.h"
#include "worker/agent/convert.h"

namespace probesweep::worker {
namespace {

bool MayPass(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kInternal:
      return true;
    default:
      return false;
  }
}

// A message that quotes a damaged file can be as long as the file.
std::string Shortened(absl::string_view message) {
  constexpr size_t kLongest = 2048;
  if (message.size() <= kLongest) return std::string(message);
  size_t end = kLongest;
  // Not within a character: bytes 10xxxxxx continue one.
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0) == 0x80) --end;
  return absl::StrCat(message.substr(0, end), "…");
}

}  // namespace

Publisher::Publisher(v1::WorkerIdentity worker, CoordinatorClient* client, LeaseKeeper* leases,
                     RandomSource* random, Sleeper sleep)
    : worker_(std::move(worker)),
      client_(client),
      leases_(leases),
      random_(random),
      sleep_(std::move(sleep)) {}

absl::Status Publisher::Insist(const std::string& lease_id, const std::function<absl::Status()>& attempt) {
  const BackoffOptions backoff;
  for (int tries = 1;; ++tries) {
    PS_RETURN_IF_ERROR(leases_->AwaitPublishable(lease_id));
    const absl::Status status = attempt();
    if (!MayPass(status)) return status;
    spdlog::warn("publishing failed, will try again: {}", status.message());
    if (!sleep_(BackoffDelay(backoff, tries, *random_))) {
      return absl::CancelledError("the worker is stopping");
    }
  }
}

absl::Status Publisher::Publish(const v1::Grant& grant, const v1::GrantedTask& task,
                                const DimensionResult& result) {
  v1::CommitTaskRequest request;
  *request.mutable_worker() = worker_;
  request.set_lease_id(grant.lease_id());
  request.set_task_id(task.task_id());
  request.set_epoch(task.epoch());
  ToProto(result, request);
  absl::Status status;
  for (const ArtifactBytes& artifact : result.artifacts) {
    v1::ArtifactRef& reference = *request.add_artifacts();
    reference.set_digest(Sha256Hex(artifact.bytes));
    reference.set_kind(artifact.kind);
    reference.set_size_bytes(static_cast<int64_t>(artifact.bytes.size()));
    if (!status.ok()) continue;
    status =
        Insist(grant.lease_id(), [&] { return client_->PutArtifact(reference.digest(), artifact.bytes); });
  }
  if (status.ok()) status = Insist(grant.lease_id(), [&] { return client_->Commit(request).status(); });
  if (status.ok() || absl::IsAborted(status) || absl::IsCancelled(status)) return status;
  PS_RETURN_IF_ERROR(PublishFailure(grant, task, Annotate(status, "the coordinator refused the result")));
  return status;
}

absl::Status Publisher::PublishFailure(const v1::Grant& grant, const v1::GrantedTask& task,
                                       const absl::Status& failure) {
  v1::FailTaskRequest request;
  *request.mutable_worker() = worker_;
  request.set_lease_id(grant.lease_id());
  request.set_task_id(task.task_id());
  request.set_epoch(task.epoch());
  request.set_kind(FailureKindFor(failure));
  request.set_error(Shortened(failure.message()));
  return Insist(grant.lease_id(), [&] { return client_->Fail(request); });
}

}  // namespace probesweep::worker
