#include "worker/agent/publisher.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/logging.h"
#include "common/status.h"
#include "worker/agent/outcome_fields.h"

namespace probesweep::worker {

Publisher::Publisher(v1::WorkerIdentity worker, OutcomeSender sender, Spool* spool)
    : worker_(std::move(worker)), sender_(std::move(sender)), spool_(spool), thread_([this] { Run(); }) {}

Publisher::~Publisher() {
  {
    absl::MutexLock lock(&mutex_);
    closing_ = true;
    changed_.SignalAll();
  }
  thread_.join();
}

Publisher::Label Publisher::LabelOf(const char* kind, const v1::Grant& grant,
                                    const v1::GrantedTask& task) const {
  return {absl::StrCat(kind, " of ", grant.checkpoint().name(), " × ", task.dimension().name()),
          FieldsOf(worker_.worker_id(), grant, task)};
}

void Publisher::Tell(const Label& label, const OutcomeSender::Result& result) {
  switch (result.ending) {
    case OutcomeSender::Ending::kAccepted:
      spdlog::info("{} accepted{}", label.what, label.fields);
      break;
    case OutcomeSender::Ending::kUnsent:
      spdlog::warn("{} not accepted yet: {}{}", label.what, result.status.message(), label.fields);
      break;
    default:
      spdlog::warn("{} not accepted: {}{}", label.what, result.status.message(), label.fields);
  }
}

absl::Status Publisher::Publish(const v1::Grant& grant, const v1::GrantedTask& task,
                                const DimensionResult& result) {
  return TakeOver(CommitOutcome(worker_, grant, task, result), LabelOf("result", grant, task));
}

absl::Status Publisher::PublishFailure(const v1::Grant& grant, const v1::GrantedTask& task,
                                       const absl::Status& failure) {
  return TakeOver(FailureOutcome(worker_, grant, task, failure), LabelOf("failure", grant, task));
}

absl::Status Publisher::TakeOver(const Outcome& outcome, const Label& label) {
  absl::StatusOr<Spool::Entry> entry = AddToSpool(outcome);
  if (entry.ok()) {
    spdlog::info("{} spooled{}", label.what, label.fields);
    Enqueue({label, *std::move(entry), nullptr});
    return absl::OkStatus();
  }
  if (spool_ != nullptr) {
    spdlog::warn(
        "{} is not in the spool and would be lost with this process; the pass waits until the coordinator "
        "has it: {}{}",
        label.what, entry.status().message(), label.fields);
  }
  return SendFromMemory(outcome, label);
}

absl::Status Publisher::SendFromMemory(const Outcome& outcome, const Label& label) {
  Enqueue({label, std::nullopt, &outcome});
  absl::MutexLock lock(&mutex_);
  while (InQueue(outcome) != queue_.end() && !halted_) changed_.Wait(&mutex_);
  const auto item = InQueue(outcome);
  if (item == queue_.end()) return absl::OkStatus();
  queue_.erase(item);
  return absl::CancelledError("the worker is stopping");
}

std::deque<Publisher::Item>::iterator Publisher::InQueue(const Outcome& outcome) {
  return std::find_if(queue_.begin(), queue_.end(),
                      [&](const Item& item) { return item.outcome == &outcome; });
}

absl::StatusOr<Spool::Entry> Publisher::AddToSpool(const Outcome& outcome) {
  if (spool_ == nullptr) return absl::FailedPreconditionError("there is no spool");
  PS_RETURN_IF_ERROR(AwaitRoom(outcome.ArtifactBytes(), FieldsOf(outcome)));
  return spool_->Add(outcome);
}

absl::Status Publisher::AwaitRoom(uint64_t bytes, const std::string& fields) {
  bool told = false;
  absl::MutexLock lock(&mutex_);
  // One outcome has room however large it is: otherwise it would never be sent.
  while (!queue_.empty() && !spool_->HasRoom(bytes)) {
    if (halted_) return absl::CancelledError("the worker is stopping and its spool is full");
    if (!std::exchange(told, true)) {
      spdlog::warn(
          "the spool {} has reached --spool-limit; the pass waits until the coordinator takes some of it{}",
          spool_->folder(), fields);
    }
    changed_.Wait(&mutex_);
  }
  return absl::OkStatus();
}

void Publisher::Enqueue(Item item) {
  absl::MutexLock lock(&mutex_);
  queue_.push_back(std::move(item));
  changed_.SignalAll();
}

absl::Status Publisher::Flush() {
  absl::MutexLock lock(&mutex_);
  while (!queue_.empty() && !halted_) changed_.Wait(&mutex_);
  return queue_.empty() ? absl::OkStatus() : absl::CancelledError("the worker is stopping");
}

int Publisher::Waiting() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(
      std::count_if(queue_.begin(), queue_.end(), [](const Item& item) { return item.entry.has_value(); }));
}

void Publisher::Run() {
  while (true) {
    Item item;
    {
      absl::MutexLock lock(&mutex_);
      while (queue_.empty() && !closing_) changed_.Wait(&mutex_);
      if (queue_.empty()) return;
      item = queue_.front();
    }
    const OutcomeSender::Result result =
        item.entry.has_value() ? sender_.SendSpooled(*item.entry, *spool_) : sender_.Send(*item.outcome);
    Tell(item.label, result);
    absl::MutexLock lock(&mutex_);
    halted_ = result.ending == OutcomeSender::Ending::kUnsent;
    if (!halted_) queue_.pop_front();
    changed_.SignalAll();
    if (halted_) return;
  }
}

}  // namespace probesweep::worker
