// What must go on in time does so when the machine's wall clock is set back (clock_ahead.cc).
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "absl/functional/function_ref.h"
#include "absl/time/clock.h"
#include "common/repeating_task.h"
#include "common/steady_cond_var.h"
#include "server/leadership_keeper.h"
#include "server/service/coordinator.h"
#include "server/store/open_store.h"
#include "server/store/sql_rows.h"
#include "tests/support/memory_store.h"
#include "tests/support/silent_observer.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/worker/agent/agent_fixture.h"

namespace probesweep {
namespace {

// Of what takes milliseconds; an hour is more.
constexpr std::chrono::seconds kPatience{20};

bool Eventually(absl::FunctionRef<bool()> holds) {
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

TEST(ClockStepTest, TheWallClockHereIsAheadOfTheKernels) {
  timespec kernels{};
  ASSERT_EQ(::syscall(SYS_clock_gettime, CLOCK_REALTIME, &kernels), 0);
  EXPECT_GT(absl::Now() - absl::TimeFromTimespec(kernels), absl::Minutes(59));
  timeval now{};
  ASSERT_EQ(::gettimeofday(&now, nullptr), 0);
  EXPECT_GT(absl::TimeFromTimeval(now) - absl::TimeFromTimespec(kernels), absl::Minutes(59));
}

TEST(ClockStepTest, AWaitEndsInTime) {
  absl::Mutex mutex;
  SteadyCondVar changed;
  bool given_up = false;
  std::promise<void> ended;
  std::thread waiter([&] {
    absl::MutexLock lock(&mutex);
    EXPECT_FALSE(changed.AwaitWithTimeout(&mutex, absl::Condition(&given_up), absl::Milliseconds(5)));
    changed.WaitWithTimeout(&mutex, absl::Milliseconds(5));
    ended.set_value();
  });
  EXPECT_EQ(ended.get_future().wait_for(kPatience), std::future_status::ready);
  {
    absl::MutexLock lock(&mutex);
    given_up = true;
    changed.SignalAll();
  }
  waiter.join();
}

TEST(ClockStepTest, ARepeatingTaskIsRepeatedInTime) {
  std::atomic<int> runs{0};
  const RepeatingTask task(absl::Milliseconds(5), [&] { ++runs; });
  EXPECT_TRUE(Eventually([&] { return runs >= 3; }));
}

TEST(ClockStepTest, ALeaderRenewsInTime) {
  const testing::TempDir folder;
  ASSERT_OK_AND_ASSIGN(const auto store,
                       server::OpenStore("sqlite://" + folder.File("store.db"), Clock::System()));
  ASSERT_OK_AND_ASSIGN(const auto database, server::OpenSqlite(folder.File("store.db")));
  const auto renewals = [&] {
    int64_t count = -1;
    EXPECT_OK(database->Query("SELECT renewals FROM leadership", {}, [&](const server::SqlRow& row) {
      count = server::IntegerAt(row, 0);
      return absl::OkStatus();
    }));
    return count;
  };
  const int64_t before = renewals();
  server::LeadershipKeeper::Options options;
  options.look = options.renew = absl::Milliseconds(5);
  options.on_lead = [] { return true; };
  options.on_lost = [](const absl::Status& why) { ADD_FAILURE() << why; };
  const server::LeadershipKeeper keeper(&store->leadership(), options);
  EXPECT_TRUE(Eventually([&] { return renewals() >= before + 3; }));
}

TEST(ClockStepTest, TheCoordinatorLooksAroundInTime) {
  testing::MemoryStore store;
  testing::SilentObserver observer;
  server::CoreOptions core_options;
  core_options.engine_version = "e1";
  ASSERT_OK_AND_ASSIGN(
      const auto coordinator,
      server::Coordinator::Start({},
                                 std::make_unique<server::CoordinatorCore>(
                                     core_options, &store, [](const std::string&) { return 100; },
                                     Clock::System(), RandomSource::System(), &observer),
                                 Clock::System()));
  std::promise<absl::Status> polled;
  ASSERT_OK(coordinator->Post([&](server::CoordinatorCore& core) {
    core.Register({{"w", "i1"}, "host", "cpu", "v", "e1"}, [](absl::StatusOr<server::RegisterAnswer>) {});
    core.Lease({{"w", "i1"}, absl::Milliseconds(20), {}},
               [&](absl::StatusOr<server::LeaseAnswer> answer) { polled.set_value(answer.status()); });
  }));
  std::future<absl::Status> answer = polled.get_future();
  EXPECT_EQ(answer.wait_for(kPatience), std::future_status::ready)
      << "a poll is answered when its wait is over";
  coordinator->Shutdown();
}

using worker::FakeCoordinator;
using worker::LeaseKeeper;

TEST(ClockStepTest, HeartbeatsGoOutInTime) {
  testing::ManualClock clock;
  testing::CountingRandom random;
  FakeCoordinator coordinator;
  LeaseKeeper::Options options;
  options.interval = absl::Milliseconds(5);
  LeaseKeeper keeper(options, v1::WorkerIdentity(), &coordinator, &clock, &random);
  keeper.Start([](LeaseKeeper::Verdict) {});
  EXPECT_TRUE(Eventually([&] {
    absl::MutexLock lock(&coordinator.mutex);
    return coordinator.heartbeats.size() >= 3;
  }));
}

using WorkerClockStepTest = worker::AgentTest;

TEST_F(WorkerClockStepTest, AWorkerTriesAgainInTime) {
  const absl::Status away = absl::UnavailableError("down");
  coordinator_.register_errors = {away, away};
  coordinator_.commit_errors = {away, away};
  Offer(worker::MakeGrant("lease-1", {"truth"}));
  engine_.outcomes = {worker::OneLayer()};
  std::future<absl::Status> ran = std::async(std::launch::async, [&] { return agent_->Run(); });
  EXPECT_EQ(ran.wait_for(kPatience), std::future_status::ready);
  agent_->RequestStop();
  EXPECT_OK(ran.get());
  EXPECT_EQ(coordinator_.registrations.size(), 3u);
  EXPECT_EQ(coordinator_.commits.size(), 3u);
}

}  // namespace
}  // namespace probesweep
