#include "common/steady_cond_var.h"

#include <gtest/gtest.h>

#include <thread>

namespace probesweep {
namespace {

// That no step of the wall clock matters is ClockStepTest's.
class SteadyCondVarTest : public ::testing::Test {
 protected:
  bool Await(absl::Duration timeout) {
    absl::MutexLock lock(&mutex_);
    return changed_.AwaitWithTimeout(&mutex_, absl::Condition(&done_), timeout);
  }
  void Finish() {
    absl::MutexLock lock(&mutex_);
    done_ = true;
    changed_.SignalAll();
  }

  absl::Mutex mutex_;
  SteadyCondVar changed_;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
};

TEST_F(SteadyCondVarTest, AConditionThatIsTrueIsNotWaitedFor) {
  Finish();
  EXPECT_TRUE(Await(absl::InfiniteDuration()));
  EXPECT_TRUE(Await(-absl::InfiniteDuration()));
}

TEST_F(SteadyCondVarTest, AWaitWithoutEndIsEndedByASignal) {
  std::thread other([this] { Finish(); });
  EXPECT_TRUE(Await(absl::InfiniteDuration()));
  other.join();
}

TEST_F(SteadyCondVarTest, TimeThatIsOverIsNotWaitedFor) {
  EXPECT_FALSE(Await(absl::ZeroDuration()));
  EXPECT_FALSE(Await(-absl::InfiniteDuration()));
  EXPECT_FALSE(Await(absl::Nanoseconds(1)));
}

TEST_F(SteadyCondVarTest, TheMutexIsFreeWhileOneWaits) {
  std::thread waiter([this] { EXPECT_TRUE(Await(absl::Seconds(60))); });
  Finish();  // waits for ever if the waiter keeps the mutex
  waiter.join();
}

}  // namespace
}  // namespace probesweep
