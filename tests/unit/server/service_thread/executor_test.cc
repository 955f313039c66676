#include "server/service/executor.h"

#include <atomic>

#include "absl/synchronization/notification.h"
#include "tests/support/status_matchers.h"

namespace probesweep::server {
namespace {

TEST(ExecutorTest, JobsRunSideBySide) {
  Executor executor({/*threads=*/2, /*max_queue=*/10});
  absl::Notification first, second, both;
  ASSERT_OK(executor.Post([&] {
    first.Notify();
    second.WaitForNotification();
    both.Notify();
  }));
  ASSERT_OK(executor.Post([&] {
    first.WaitForNotification();
    second.Notify();
  }));
  EXPECT_TRUE(both.WaitForNotificationWithTimeout(absl::Seconds(5)));
}

TEST(ExecutorTest, MoreJobsThanMayWaitAreRefused) {
  Executor executor({/*threads=*/1, /*max_queue=*/2});
  absl::Notification running, release;
  ASSERT_OK(executor.Post([&] {
    running.Notify();
    release.WaitForNotification();
  }));
  running.WaitForNotification();
  EXPECT_OK(executor.Post([] {}));
  EXPECT_OK(executor.Post([] {}));
  EXPECT_EQ(executor.queue_depth(), 2);
  EXPECT_STATUS(executor.Post([] {}), kUnavailable, "try again");
  release.Notify();
}

TEST(ExecutorTest, ShutdownRunsWhatWasAcceptedAndRefusesTheRest) {
  Executor executor({/*threads=*/1, /*max_queue=*/100});
  std::atomic<int> ran{0};
  for (int i = 0; i < 50; ++i) ASSERT_OK(executor.Post([&] { ++ran; }));
  executor.Shutdown();
  EXPECT_EQ(ran, 50);
  EXPECT_STATUS(executor.Post([&] { ++ran; }), kUnavailable, "stopping");
  executor.Shutdown();
  EXPECT_EQ(ran, 50);
}

}  // namespace
}  // namespace probesweep::server
