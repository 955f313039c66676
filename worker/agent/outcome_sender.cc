#include "worker/agent/outcome_sender.h"

#include <utility>

#include "common/backoff.h"
#include "common/logging.h"
#include "common/status.h"
#include "worker/agent/outcome_fields.h"

namespace probesweep::worker {
namespace {

bool MayPass(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnauthenticated:  // a token that an operator can renew is no reason to lose work
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kInternal:
      return true;
    default:
      return false;
  }
}

OutcomeSender::Result ResultOf(const absl::Status& status) {
  using Ending = OutcomeSender::Ending;
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return {Ending::kAccepted, status};
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kNotFound:
      return {Ending::kStale, status};
    case absl::StatusCode::kCancelled:
      return {Ending::kUnsent, status};
    default:
      return {Ending::kRefused, status};
  }
}

}  // namespace

OutcomeSender::OutcomeSender(CoordinatorClient* client, LeaseKeeper* leases, RandomSource* random,
                             Sleeper sleep)
    : client_(client), leases_(leases), random_(random), sleep_(std::move(sleep)) {}

absl::Status OutcomeSender::Insist(const Outcome& outcome, const std::function<absl::Status()>& attempt) {
  const BackoffOptions backoff;
  for (int tries = 1;; ++tries) {
    PS_RETURN_IF_ERROR(leases_->AwaitPublishable(outcome.lease_id()));
    const absl::Status status = attempt();
    if (!MayPass(status)) return status;
    spdlog::warn("publishing failed, will try again: {}{}", status.message(), FieldsOf(outcome));
    // A coordinator that renews leases and stores nothing, its disk full, must not take this for a hang.
    leases_->CountStep(outcome.lease_id());
    if (!sleep_(BackoffDelay(backoff, tries, *random_))) {
      return absl::CancelledError("the worker is stopping");
    }
  }
}

absl::Status OutcomeSender::Upload(const Outcome& outcome, bool& unreadable) {
  const v1::CommitTaskRequest& commit = *outcome.commit();
  for (int index = 0; index < commit.artifacts_size(); ++index) {
    const absl::StatusOr<absl::string_view> bytes = outcome.artifacts->Read(index);
    unreadable = !bytes.ok();
    PS_RETURN_IF_ERROR(bytes.status());
    PS_RETURN_IF_ERROR(
        Insist(outcome, [&] { return client_->PutArtifact(commit.artifacts(index).digest(), *bytes); }));
    leases_->CountStep(commit.lease_id());
  }
  return absl::OkStatus();
}

OutcomeSender::Result OutcomeSender::SendCommit(const Outcome& outcome) {
  const v1::CommitTaskRequest& commit = *outcome.commit();
  absl::Status status;
  for (int round = 1; round <= 2; ++round) {
    bool unreadable = false;
    status = Upload(outcome, unreadable);
    if (unreadable) return {Ending::kUnreadable, status};
    if (status.ok()) status = Insist(outcome, [&] { return client_->Commit(commit).status(); });
    // The coordinator may have been away between upload and commit for so long that it threw artifacts away
    // which no result names. They are sent once more.
    if (!absl::IsFailedPrecondition(status) || commit.artifacts_size() == 0) break;
  }
  const Result result = ResultOf(status);
  if (result.ending != Ending::kRefused) return result;
  const Outcome refused = RefusedOutcome(commit, status);
  const Result told = SendFailure(refused);
  return told.ending == Ending::kAccepted ? result : told;
}

OutcomeSender::Result OutcomeSender::SendFailure(const Outcome& outcome) {
  const auto& request = std::get<v1::FailTaskRequest>(outcome.request);
  return ResultOf(Insist(outcome, [&] { return client_->Fail(request); }));
}

OutcomeSender::Result OutcomeSender::Send(const Outcome& outcome) {
  return outcome.commit() != nullptr ? SendCommit(outcome) : SendFailure(outcome);
}

OutcomeSender::Result OutcomeSender::SendSpooled(const Spool::Entry& entry, Spool& spool) {
  Result result;
  {
    const absl::StatusOr<Outcome> outcome = spool.Load(entry);
    result = outcome.ok() ? Send(*outcome) : Result{Ending::kUnreadable, outcome.status()};
  }
  if (result.ending == Ending::kUnreadable) {
    spool.SetAside(entry, result.status);
  } else if (result.ending != Ending::kUnsent) {
    spool.Remove(entry);
  }
  return result;
}

}  // namespace probesweep::worker
