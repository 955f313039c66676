#include "client/cli/interruption.h"

#include <semaphore.h>

#include <iterator>
#include <utility>

namespace probesweep::client {
namespace {

// What a signal handler may touch. A handler, not a mask: threads that run already would not have the mask.
sem_t wake;
std::atomic<bool> came{false};

void OnSignal(int) {
  came = true;
  ::sem_post(&wake);
}

}  // namespace

Interruption::Interruption() {
  came = false;
  ::sem_init(&wake, 0, 0);
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  for (size_t i = 0; i < std::size(kSignals); ++i) {
    ::sigaction(kSignals[i], nullptr, &before_[i]);
    if (before_[i].sa_handler != SIG_IGN) ::sigaction(kSignals[i], &action, nullptr);
  }
}

Interruption::~Interruption() {
  if (thread_.joinable()) {
    over_ = true;
    ::sem_post(&wake);
    thread_.join();
  }
  for (size_t i = 0; i < std::size(kSignals); ++i) ::sigaction(kSignals[i], &before_[i], nullptr);
  ::sem_destroy(&wake);
}

bool Interruption::Came() const { return came; }

void Interruption::Then(std::function<void()> then) {
  thread_ = std::thread([this, then = std::move(then)] {
    while (::sem_wait(&wake) != 0) {  // a signal for this thread ends the wait
    }
    if (!over_) then();
  });
}

}  // namespace probesweep::client
