#include "server/service/coordinator.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "common/status.h"

namespace probesweep::server {

Coordinator::Coordinator(const CoordinatorOptions& options, std::unique_ptr<CoordinatorCore> core,
                         Clock* clock)
    : options_(options), clock_(clock), core_(std::move(core)) {}

absl::StatusOr<std::unique_ptr<Coordinator>> Coordinator::Start(const CoordinatorOptions& options,
                                                                std::unique_ptr<CoordinatorCore> core,
                                                                Clock* clock) {
  PS_RETURN_IF_ERROR(core->Start());
  std::unique_ptr<Coordinator> coordinator(new Coordinator(options, std::move(core), clock));
  absl::MutexLock lock(&coordinator->join_mutex_);
  coordinator->thread_ = std::thread([self = coordinator.get()] { self->Run(); });
  return coordinator;
}

Coordinator::~Coordinator() { Shutdown(); }

absl::Status Coordinator::Post(Request request) { return Enqueue(std::move(request), options_.max_queue); }

absl::Status Coordinator::PostCleanup(Request request) {
  return Enqueue(std::move(request), std::numeric_limits<size_t>::max());
}

absl::Status Coordinator::Enqueue(Request request, size_t max_queue) {
  absl::MutexLock lock(&mutex_);
  if (stopping_) return absl::UnavailableError("the coordinator is stopping; try again in a moment");
  if (queue_.size() >= max_queue) {
    return absl::UnavailableError("the coordinator is overloaded; try again in a moment");
  }
  queue_.push_back(std::move(request));
  changed_.SignalAll();
  return absl::OkStatus();
}

size_t Coordinator::queue_depth() const {
  absl::MutexLock lock(&mutex_);
  return queue_.size();
}

bool Coordinator::AwaitWork(std::vector<Request>& batch) {
  const absl::Duration sleep = std::min(core_->NextWake() - clock_->Steady(), options_.max_sleep);
  absl::MutexLock lock(&mutex_);
  changed_.AwaitWithTimeout(&mutex_, absl::Condition(this, &Coordinator::HasWork), sleep);
  batch.swap(queue_);
  return !stopping_;
}

void Coordinator::Run() {
  bool serving = true;
  absl::Duration looked = clock_->Steady();
  while (serving) {
    std::vector<Request> batch;
    serving = AwaitWork(batch);
    if (clock_->Steady() - looked > options_.max_sleep + options_.standstill) core_->ExcuseSilence();
    looked = clock_->Steady();
    for (Request& request : batch) request(*core_);
    core_->Step();
  }
  core_->Shutdown();
}

void Coordinator::Shutdown() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.SignalAll();
  }
  absl::MutexLock lock(&join_mutex_);
  if (thread_.joinable()) thread_.join();
}

}  // namespace probesweep::server
