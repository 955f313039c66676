#ifndef PROBESWEEP_CLIENT_CLI_INTERRUPTION_H_
#define PROBESWEEP_CLIENT_CLI_INTERRUPTION_H_

#include <signal.h>

#include <atomic>
#include <functional>
#include <thread>

namespace probesweep::client {

// While it lives, the first SIGINT, SIGTERM or SIGHUP does not end the process, so that a command can put in
// order what it began; the second one of a kind does. A signal that the process ignores stays ignored. One
// object at a time, for the thread that made it.
class Interruption {
 public:
  Interruption();
  // Waits for `then`, when that has begun.
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  // Whether a signal has come.
  bool Came() const;
  // Runs `then` once, on a thread of its own, when a signal comes; at once when one has come. Called at most
  // once.
  void Then(std::function<void()> then);

 private:
  static constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

  struct sigaction before_[3];
  std::atomic<bool> over_{false};
  std::thread thread_;
};

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLI_INTERRUPTION_H_
