// A process of the simulated world: it can be killed, stopped for a while and started again.
#ifndef PROBESWEEP_TESTS_SIMULATION_PROCESS_H_
#define PROBESWEEP_TESTS_SIMULATION_PROCESS_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "tests/simulation/sim_time.h"

namespace probesweep::simulation {

class Process {
 public:
  Process(std::string name, Timeline* timeline) : name_(std::move(name)), timeline_(timeline) {}
  virtual ~Process() = default;
  const std::string& name() const { return name_; }
  bool alive() const { return alive_; }

  void Start() {
    alive_ = true;
    ++life_;
    OnStart();
  }
  // Nothing that was begun in this life goes on.
  void Kill() {
    alive_ = false;
    ++life_;
    OnKilled();
  }
  // As SIGSTOP, and SIGCONT later: what would happen meanwhile happens then.
  void Pause(absl::Duration duration) { paused_until_ = timeline_->now() + duration; }

  // Runs `work` after `delay`, unless this life is over by then.
  void After(absl::Duration delay, std::function<void()> work) {
    timeline_->After(delay,
                     [this, life = life_, work = std::move(work)]() mutable { Run(life, std::move(work)); });
  }
  int64_t life() const { return life_; }

 protected:
  virtual void OnStart() = 0;
  virtual void OnKilled() {}
  Timeline* timeline() const { return timeline_; }

 private:
  void Run(int64_t life, std::function<void()> work) {
    if (life != life_) return;
    if (timeline_->now() >= paused_until_) return work();
    timeline_->After(paused_until_ - timeline_->now(),
                     [this, life, work = std::move(work)]() mutable { Run(life, std::move(work)); });
  }

  const std::string name_;
  Timeline* const timeline_;
  bool alive_ = false;
  int64_t life_ = 0;
  absl::Duration paused_until_;
};

}  // namespace probesweep::simulation

#endif  // PROBESWEEP_TESTS_SIMULATION_PROCESS_H_
