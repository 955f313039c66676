// Calls between processes over messages that may be lost, doubled and late.
#ifndef PROBESWEEP_TESTS_SIMULATION_NETWORK_H_
#define PROBESWEEP_TESTS_SIMULATION_NETWORK_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/service/commands.h"
#include "tests/simulation/coordinator_process.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/process.h"

namespace probesweep::simulation {

class Network {
 public:
  Network(Timeline* timeline, SimRandom* random, const Faults* faults)
      : timeline_(timeline), random_(random), faults_(faults) {}
  void AddCoordinator(CoordinatorProcess* coordinator) { coordinators_.push_back(coordinator); }

  // No message to or from the process until then.
  void CutOff(const std::string& process, absl::Duration duration) {
    cut_off_[process] = timeline_->now() + duration;
  }

  // Asks the coordinator that answered the caller last, or the next one after a call that came to nothing;
  // `done` runs once in the caller's present life: with the answer, UNAVAILABLE, or DEADLINE_EXCEEDED after
  // `timeout`.
  template <typename T>
  void Call(Process* caller, absl::Duration timeout,
            std::function<void(server::CoordinatorCore&, server::Reply<T>)> request,
            std::function<void(absl::StatusOr<T>)> done) {
    auto open = std::make_shared<std::function<void(absl::StatusOr<T>)>>(std::move(done));
    size_t& turn = turns_[caller->name()];
    const auto answer = [caller, open, &turn, life = caller->life()](absl::StatusOr<T> value) {
      if (caller->life() != life || *open == nullptr) return;
      if (absl::IsUnavailable(value.status()) || absl::IsDeadlineExceeded(value.status())) ++turn;
      std::exchange(*open, nullptr)(std::move(value));
    };
    CoordinatorProcess* const coordinator = coordinators_[turn % coordinators_.size()];
    Deliver(caller->name(), [=, this_network = this] {
      const auto reply_with = [=](absl::StatusOr<T> value) {
        this_network->Deliver(caller->name(),
                              [=] { caller->After(absl::ZeroDuration(), [=] { answer(value); }); });
      };
      if (!coordinator->serving()) return reply_with(absl::UnavailableError("connection refused"));
      coordinator->Receive([=, life = coordinator->life()](server::CoordinatorCore& core) {
        request(core, [=](absl::StatusOr<T> value) {
          if (coordinator->life() == life) reply_with(std::move(value));
        });
      });
    });
    caller->After(timeout, [=] { answer(absl::DeadlineExceededError("no answer in time")); });
  }

 private:
  void Deliver(const std::string& process, std::function<void()> message) {
    const bool faulty = timeline_->now() < faults_->until;
    const auto cut = cut_off_.find(process);
    if (cut != cut_off_.end() && timeline_->now() < cut->second) return;
    if (faulty && random_->Chance(faults_->loss)) return;
    const int copies = faulty && random_->Chance(faults_->duplicate) ? 2 : 1;
    for (int copy = 0; copy < copies; ++copy) {
      const bool slow = faulty && random_->Chance(faults_->slow);
      timeline_->After(
          random_->Between(absl::Microseconds(100), slow ? faults_->slowest : absl::Milliseconds(30)),
          message);
    }
  }

  Timeline* const timeline_;
  SimRandom* const random_;
  const Faults* const faults_;
  std::vector<CoordinatorProcess*> coordinators_;
  std::map<std::string, size_t> turns_;            // by caller: which coordinator it asks
  std::map<std::string, absl::Duration> cut_off_;  // until when
};

}  // namespace probesweep::simulation

#endif  // PROBESWEEP_TESTS_SIMULATION_NETWORK_H_
