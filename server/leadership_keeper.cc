#include "server/leadership_keeper.h"

#include <utility>

#include "common/log_fields.h"
#include "common/logging.h"

namespace probesweep::server {

LeadershipKeeper::LeadershipKeeper(Leadership* leadership, Options options)
    : leadership_(leadership), options_(std::move(options)) {
  absl::MutexLock lock(&join_mutex_);
  thread_ = std::thread([this] { Run(); });
}

LeadershipKeeper::~LeadershipKeeper() { Stop(); }

void LeadershipKeeper::RequestStop() {
  absl::MutexLock lock(&mutex_);
  stopping_ = true;
  changed_.SignalAll();
}

void LeadershipKeeper::Stop() {
  RequestStop();
  absl::MutexLock lock(&join_mutex_);
  if (thread_.joinable()) thread_.join();
}

void LeadershipKeeper::Run() {
  if (!AwaitLead()) return;
  spdlog::info("leading in epoch {}{}", leadership_->epoch(), LogFields({{"epoch", leadership_->epoch()}}));
  // Reading a large store may take longer than the others wait for a sign of life.
  std::thread serving([this] {
    if (!options_.on_lead()) RequestStop();
  });
  KeepLead();
  serving.join();
}

bool LeadershipKeeper::AwaitLead() {
  std::string said = "nothing yet";  // each new reason to wait is told once
  do {
    const absl::StatusOr<bool> leads = leadership_->TryLead();
    if (leads.value_or(false)) return true;
    const std::string why(leads.ok() ? "another coordinator leads" : leads.status().message());
    if (why != std::exchange(said, why)) spdlog::info("standing by: {}", why);
  } while (Sleep(options_.look));
  return false;
}

void LeadershipKeeper::KeepLead() {
  while (Sleep(options_.renew)) {
    const absl::Status renewed = leadership_->Renew();
    if (absl::IsFailedPrecondition(renewed)) return options_.on_lost(renewed);
    if (!renewed.ok()) spdlog::warn("the lead could not be renewed: {}", renewed.message());
  }
}

bool LeadershipKeeper::Sleep(absl::Duration duration) {
  absl::MutexLock lock(&mutex_);
  return !changed_.AwaitWithTimeout(&mutex_, absl::Condition(&stopping_), duration);
}

}  // namespace probesweep::server
