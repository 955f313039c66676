#include "worker/agent/grant_observer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/logging.h"
#include "worker/agent/outcome_fields.h"

namespace probesweep::worker {

void GrantObserver::AddDimension(int index) {
  tasks_.push_back(index);
  OnStep();
}

void GrantObserver::OnProgress(int layers_done, int layers_total) {
  tools_.leases->ReportProgress(grant_.lease_id(), layers_done, layers_total);
}

void GrantObserver::OnDimension(int index, absl::StatusOr<DimensionResult> result) {
  EndTask(tasks_[static_cast<size_t>(index)], std::move(result));
  OnStep();
}

void GrantObserver::EndTask(int index, absl::StatusOr<DimensionResult> result) {
  reported_[static_cast<size_t>(index)] = true;
  const v1::GrantedTask& task = grant_.tasks(index);
  if (tools_.leases->Revoked(task.task_id())) return;
  const std::string what = absl::StrCat(grant_.checkpoint().name(), " × ", task.dimension().name());
  const std::string fields = FieldsOf(tools_.worker_id, grant_, task);
  if (!result.ok()) spdlog::warn("{} failed: {}{}", what, result.status().message(), fields);
  const absl::Duration start = tools_.clock->Steady();
  const absl::Status taken = result.ok() ? tools_.publisher->Publish(grant_, task, *result)
                                         : tools_.publisher->PublishFailure(grant_, task, result.status());
  publishing_time_ += tools_.clock->Steady() - start;
  if (!taken.ok()) spdlog::warn("{} not published: {}{}", what, taken.message(), fields);
}

bool GrantObserver::Cancelled() {
  if (tools_.stopped() || tools_.leases->Lost(grant_.lease_id())) return true;
  return std::all_of(grant_.tasks().begin(), grant_.tasks().end(),
                     [this](const v1::GrantedTask& task) { return tools_.leases->Revoked(task.task_id()); });
}

void GrantObserver::FailRest(const absl::Status& status) {
  for (size_t i = 0; i < reported_.size(); ++i) {
    if (!reported_[i]) EndTask(static_cast<int>(i), status);
  }
}

}  // namespace probesweep::worker
