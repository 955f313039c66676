// Simulated time: events in order, clocks that stand between them, randomness from one seed.
#ifndef PROBESWEEP_TESTS_SIMULATION_SIM_TIME_H_
#define PROBESWEEP_TESTS_SIMULATION_SIM_TIME_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <utility>

#include "absl/time/time.h"
#include "common/clock.h"
#include "common/ids.h"

namespace probesweep::simulation {

// Not thread-safe: a simulation is one thread.
class SimRandom : public RandomSource {
 public:
  explicit SimRandom(uint64_t seed) : engine_(seed) {}
  uint64_t Next64() override { return engine_(); }
  bool Chance(double probability) { return NextUnit() < probability; }
  int64_t Below(int64_t bound) { return static_cast<int64_t>(Next64() % static_cast<uint64_t>(bound)); }
  absl::Duration Between(absl::Duration low, absl::Duration high) { return low + NextUnit() * (high - low); }

 private:
  std::mt19937_64 engine_;  // the standard fixes its bits
};

// What happens when; events of one instant in the order they were added.
class Timeline {
 public:
  using Event = std::function<void()>;
  absl::Duration now() const { return now_; }
  void After(absl::Duration delay, Event event) {
    events_.emplace(std::make_pair(now_ + std::max(delay, absl::ZeroDuration()), next_++), std::move(event));
  }
  // Runs the next event; false when there is none.
  bool RunNext() {
    if (events_.empty()) return false;
    auto first = events_.extract(events_.begin());
    now_ = first.key().first;
    first.mapped()();
    return true;
  }

 private:
  absl::Duration now_ = absl::Seconds(1000);
  uint64_t next_ = 0;
  std::map<std::pair<absl::Duration, uint64_t>, Event> events_;
};

// A process's clocks: the steady one is the timeline's, wall time may be made to jump.
class SimClock : public Clock {
 public:
  explicit SimClock(const Timeline* timeline) : timeline_(timeline) {}
  absl::Time Now() const override {
    return absl::FromUnixSeconds(1'800'000'000) + timeline_->now() + jumped_;
  }
  absl::Duration Steady() const override { return timeline_->now(); }
  void Jump(absl::Duration by) { jumped_ += by; }

 private:
  const Timeline* const timeline_;
  absl::Duration jumped_;
};

}  // namespace probesweep::simulation

#endif  // PROBESWEEP_TESTS_SIMULATION_SIM_TIME_H_
