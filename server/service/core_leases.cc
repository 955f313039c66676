// How leases end: finished, given back, lost.
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log_fields.h"
#include "common/logging.h"
#include "server/service/core.h"

namespace probesweep::server {

void CoordinatorCore::EndLeases() {
  for (const Fleet::EndedLease& ended : fleet_.EndedLeases()) {
    LoseLease(ended.lease_id,
              ended.verdict == LeaseVerdict::kHung
                  ? absl::StrCat("the pass made no progress for ", absl::FormatDuration(options_.lease.hang))
                  : "the worker was not heard of before the lease ended");
  }
  for (const TaskRef& due : state_.DueRetries(clock_->Now(), options_.retry_backoff.maximum))
    Must(state_.Change(due, event::RetryDue{}));
}

void CoordinatorCore::ExcuseSilence() {
  if (broken_.ok()) fleet_.RenewAll();
}

void CoordinatorCore::LoseLease(const std::string& lease_id, const std::string& why) {
  const probesweep::server::Lease lease = *fleet_.FindLease(lease_id);
  fleet_.EraseLease(lease_id);
  next_copy_ = -absl::InfiniteDuration();
  state_.Touch(lease.sweep_id);
  bool lost = false;
  for (const std::string& id : lease.task_ids) {
    const TaskRef ref = state_.FindTask(id);
    if (ref.task == nullptr || !IsHeldUnder(*ref.task, lease_id)) continue;
    Must(state_.Change(ref, event::LeaseLost{lease_id, absl::StrCat("worker '", lease.worker_id,
                                                                    "' lost the lease: ", why)}));
    if (ref.task->state == TaskState::kQuarantined) {
      AfterStored([this] { observer_->OnTaskFailed(FailureKind::kLeaseLost); });
    }
    lost = true;
  }
  if (!lost) return;
  spdlog::warn("lease {} of worker '{}' lost: {}{}", lease_id, lease.worker_id, why,
               LogFields({{"sweep", lease.sweep_id}, {"lease", lease_id}, {"worker", lease.worker_id}}));
  AfterStored([this] { observer_->OnLeaseLost(); });
}

void CoordinatorCore::GiveBack(const std::string& lease_id, const std::optional<PassStatistics>& statistics) {
  const probesweep::server::Lease lease = *fleet_.FindLease(lease_id);
  fleet_.EraseLease(lease_id);
  next_copy_ = -absl::InfiniteDuration();
  state_.Touch(lease.sweep_id);
  bool finished = true;
  for (const std::string& id : lease.task_ids) {
    const TaskRef ref = state_.FindTask(id);
    finished = finished && ref.task != nullptr && ref.task->state == TaskState::kDone &&
               ref.task->lease.id == lease_id;
    if (ref.task == nullptr || !IsHeldUnder(*ref.task, lease_id)) continue;
    Must(state_.Change(ref, event::Released{lease_id}));
  }
  if (!finished) return;
  history_.AddLease(lease.sweep_id, clock_->Steady() - lease.started);
  if (!statistics.has_value()) return;
  history_.AddPass(lease.sweep_id, lease.estimated_cost,
                   statistics->load + statistics->tokenize + statistics->forward + statistics->analyse +
                       statistics->commit);
}

}  // namespace probesweep::server
