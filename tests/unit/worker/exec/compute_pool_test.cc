#include "worker/exec/compute_pool.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>
#include <stdexcept>

#include "absl/synchronization/notification.h"
#include "tests/support/status_matchers.h"
#include "worker/model/threads.h"

namespace probesweep::worker {
namespace {

bool Never() { return false; }

TEST(ComputePoolTest, HasTheThreadsThatItWasAskedFor) {
  EXPECT_EQ(ComputePool(3).threads(), 3);
  EXPECT_EQ(ComputePool(0).threads(), UsableCores());
  EXPECT_GE(UsableCores(), 1);
}

// A limit on its memory leaves a process no room for so many stacks. Sanitizers reserve more than it.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(ComputePoolDeathTest, TakesTheThreadsThatItCanGet) {
  const auto get_few = [] {
    const rlim_t room = rlim_t{16} << 30;
    const rlimit limit{room, room};
    if (::setrlimit(RLIMIT_AS, &limit) != 0) std::_Exit(1);
    const ComputePool pool(100'000);
    std::_Exit(pool.threads() > 0 && pool.threads() < 100'000 ? 0 : 2);
  };
  EXPECT_EXIT(get_few(), ::testing::ExitedWithCode(0), "");
}
#endif

TEST(ComputePoolTest, LeavesOneThreadToEachOperation) {
  at::set_num_threads(4);
  const ComputePool pool(2);
  EXPECT_EQ(at::get_num_threads(), 1);
}

TEST(ComputePoolTest, RunsWhatIsQueuedBeforeItEnds) {
  std::atomic<int> done{0};
  {
    ComputePool pool(1);
    for (int i = 0; i < 20; ++i) pool.Submit([&done] { ++done; });
  }
  EXPECT_EQ(done, 20);
}

TEST(JobGroupTest, RunsAllJobs) {
  ComputePool pool(4);
  std::atomic<int> sum{0};
  JobGroup jobs(&pool);
  for (int i = 1; i <= 100; ++i) {
    jobs.Run([&sum, i] {
      sum += i;
      return absl::OkStatus();
    });
  }
  EXPECT_OK(jobs.Wait(Never));
  EXPECT_EQ(sum, 5050);
  EXPECT_GT(jobs.busy(), absl::ZeroDuration());
}

TEST(JobGroupTest, RunsJobsBesideEachOther) {
  ComputePool pool(2);
  absl::Notification first, second;
  JobGroup jobs(&pool);
  jobs.Run([&] {
    first.Notify();
    second.WaitForNotification();
    return absl::OkStatus();
  });
  jobs.Run([&] {
    second.Notify();
    first.WaitForNotification();
    return absl::OkStatus();
  });
  EXPECT_OK(jobs.Wait(Never));
}

TEST(JobGroupTest, TellsTheErrorOfTheJobQueuedFirst) {
  ComputePool pool(2);
  absl::Notification begun, failed;
  JobGroup jobs(&pool);
  jobs.Run([&] {
    begun.Notify();
    failed.WaitForNotification();
    return absl::DataLossError("queued first");
  });
  jobs.Run([&] {
    begun.WaitForNotification();
    failed.Notify();
    return absl::InternalError("failed first");
  });
  EXPECT_STATUS(jobs.Wait(Never), kDataLoss, "queued first");
}

TEST(JobGroupTest, LeavesOutWhatHasNotBegunOnceAJobFailed) {
  ComputePool pool(1);
  absl::Notification queued;
  std::atomic<int> later{0};
  JobGroup jobs(&pool);
  jobs.Run([&] {
    queued.WaitForNotification();
    return absl::InternalError("broken");
  });
  for (int i = 0; i < 5; ++i) {
    jobs.Run([&later] {
      ++later;
      return absl::OkStatus();
    });
  }
  queued.Notify();
  EXPECT_STATUS(jobs.Wait(Never), kInternal, "broken");
  EXPECT_EQ(later, 0);
}

TEST(JobGroupTest, AFailedGroupLeavesOthersOfThePoolAlone) {
  ComputePool pool(1);
  JobGroup bad(&pool), good(&pool);
  bad.Run([] { return absl::InternalError("broken"); });
  EXPECT_FALSE(bad.Wait(Never).ok());
  std::atomic<bool> ran{false};
  good.Run([&ran] {
    ran = true;
    return absl::OkStatus();
  });
  EXPECT_OK(good.Wait(Never));
  EXPECT_TRUE(ran);
}

TEST(JobGroupTest, EndsCancelledOnceTheRunningJobsHaveEnded) {
  ComputePool pool(1);
  absl::Notification asked;
  std::atomic<bool> ended{false};
  JobGroup jobs(&pool);
  jobs.Run([&] {
    asked.WaitForNotification();
    ended = true;
    return absl::OkStatus();
  });
  const absl::Status status = jobs.Wait([&asked] {
    asked.Notify();
    return true;
  });
  EXPECT_STATUS(status, kCancelled, "cancelled");
  EXPECT_TRUE(ended);
}

TEST(JobGroupTest, ExceptionsBecomeStatuses) {
  ComputePool pool(1);
  JobGroup out_of_memory(&pool), broken(&pool);
  out_of_memory.Run([]() -> absl::Status { throw std::bad_alloc(); });
  EXPECT_STATUS(out_of_memory.Wait(Never), kResourceExhausted, "out of memory");
  broken.Run([]() -> absl::Status { throw std::runtime_error("odd"); });
  EXPECT_STATUS(broken.Wait(Never), kInternal, "odd");
}

TEST(JobGroupTest, DestroyedItWaitsForTheRunningJob) {
  ComputePool pool(1);
  absl::Notification begun;
  const auto held = std::make_shared<int>(7);
  {
    JobGroup jobs(&pool);
    jobs.Run([&begun, held] {
      begun.Notify();
      return absl::OkStatus();
    });
    begun.WaitForNotification();
  }
  EXPECT_EQ(held.use_count(), 1) << "what the job held is gone";
}

}  // namespace
}  // namespace probesweep::worker
