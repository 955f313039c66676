#include "server/service/coordinator.h"

#include <atomic>
#include <optional>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "tests/support/fake_clock.h"
#include "tests/support/sample_sweeps.h"
#include "tests/support/silent_observer.h"
#include "tests/support/status_matchers.h"

namespace probesweep::server {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(5);

// Keeps nothing; counts commits, and makes the first one wait.
class SlowStore : public Store {
 public:
  absl::StatusOr<StoredState> Load() override { return StoredState(); }
  absl::Status Commit(const ChangeSet&) override {
    if (++commits == 1) {
      committing.Notify();
      release.WaitForNotification();
    }
    return absl::OkStatus();
  }
  absl::Status CheckWritable() override { return absl::OkStatus(); }
  absl::StatusOr<std::map<std::string, std::string>> ExistingOutcomes(
      const std::vector<std::string>&) override {
    return std::map<std::string, std::string>();
  }
  absl::StatusOr<Outcome> ReadOutcome(const std::string&) override { return absl::NotFoundError("none"); }
  absl::StatusOr<std::vector<std::string>> ReferencedBlobs(BlobCursor&) override {
    return std::vector<std::string>();
  }

  std::atomic<int> commits{0};
  absl::Notification committing, release;
};

class CoordinatorTest : public ::testing::Test {
 protected:
  void Start(CoordinatorOptions options = {}, Clock* clock = Clock::System()) {
    CoreOptions core_options;
    core_options.engine_version = "e1";
    auto core = std::make_unique<CoordinatorCore>(
        core_options, &store_, [](const std::string&) { return 100; }, clock, RandomSource::System(),
        &observer_);
    auto coordinator = Coordinator::Start(options, std::move(core), clock);
    ASSERT_OK(coordinator);
    coordinator_ = *std::move(coordinator);
  }

  absl::Status PostRegister(const std::string& worker, Reply<RegisterAnswer> reply) {
    RegisterCommand command{{worker, "i1"}, "host", "cpu", "v", "e1"};
    return coordinator_->Post([command, reply = std::move(reply)](CoordinatorCore& core) mutable {
      core.Register(command, std::move(reply));
    });
  }

  // Registers and waits for the answer.
  void Register(const std::string& worker) {
    absl::Notification done;
    ASSERT_OK(PostRegister(worker, [&](absl::StatusOr<RegisterAnswer> answer) {
      EXPECT_OK(answer);
      done.Notify();
    }));
    ASSERT_TRUE(done.WaitForNotificationWithTimeout(kPatience));
  }

  absl::Status PostLease(const std::string& worker, absl::Duration wait, Reply<LeaseAnswer> reply) {
    LeaseCommand command{{worker, "i1"}, wait, {}};
    return coordinator_->Post([command, reply = std::move(reply)](CoordinatorCore& core) mutable {
      core.Lease(command, std::move(reply));
    });
  }

  testing::ManualClock clock_;  // of the tests that want it
  testing::SilentObserver observer_;
  SlowStore store_;
  std::unique_ptr<Coordinator> coordinator_;
};

TEST_F(CoordinatorTest, RequestsThatArriveDuringACommitShareTheNextOne) {
  Start();
  absl::BlockingCounter answers(11);
  const auto count = [&](absl::StatusOr<RegisterAnswer> answer) {
    EXPECT_OK(answer);
    answers.DecrementCount();
  };
  ASSERT_OK(PostRegister("w0", count));
  store_.committing.WaitForNotification();
  for (int i = 1; i <= 10; ++i) ASSERT_OK(PostRegister(absl::StrCat("w", i), count));
  EXPECT_EQ(coordinator_->queue_depth(), 10);
  store_.release.Notify();
  answers.Wait();
  EXPECT_EQ(store_.commits, 2);
}

TEST_F(CoordinatorTest, ALeaseOutlivesAStandstillOfTheCoordinatorItself) {
  store_.release.Notify();
  Start({}, &clock_);
  Register("w");
  absl::Notification granted;
  std::string lease;
  ASSERT_OK(PostLease("w", absl::Seconds(60), [&](absl::StatusOr<LeaseAnswer> answer) {
    EXPECT_TRUE(answer.ok() && answer->grant.has_value());
    if (answer.ok() && answer->grant.has_value()) lease = answer->grant->lease_id;
    granted.Notify();
  }));
  ASSERT_OK(coordinator_->Post([](CoordinatorCore& core) {
    core.CreateSweep("r", testing::SampleSpec(), testing::SamplePlan(1), [](absl::StatusOr<SweepView>) {});
  }));
  ASSERT_TRUE(granted.WaitForNotificationWithTimeout(kPatience));
  clock_.Advance(absl::Minutes(10));
  // One round in which the lease would end, then the worker's call.
  absl::Notification looked, answered;
  ASSERT_OK(coordinator_->Post([&](CoordinatorCore&) { looked.Notify(); }));
  ASSERT_TRUE(looked.WaitForNotificationWithTimeout(kPatience));
  HeartbeatAnswer beat;
  ASSERT_OK(coordinator_->Post([&](CoordinatorCore& core) {
    core.Heartbeat({{"w", "i1"}, {{lease, 1, 6}}}, [&](absl::StatusOr<HeartbeatAnswer> answer) {
      EXPECT_OK(answer);
      if (answer.ok()) beat = *answer;
      answered.Notify();
    });
  }));
  ASSERT_TRUE(answered.WaitForNotificationWithTimeout(kPatience));
  EXPECT_EQ(beat.renewed_lease_ids, std::vector<std::string>{lease});
}

TEST_F(CoordinatorTest, APollEndsByItselfWhenItsWaitIsOver) {
  store_.release.Notify();
  Start({10, absl::InfiniteDuration()});
  Register("w");
  absl::Notification done;
  ASSERT_OK(PostLease("w", absl::Milliseconds(20), [&](absl::StatusOr<LeaseAnswer> answer) {
    ASSERT_OK(answer);
    EXPECT_FALSE(answer->grant.has_value());
    done.Notify();
  }));
  EXPECT_TRUE(done.WaitForNotificationWithTimeout(kPatience));
}

TEST_F(CoordinatorTest, AFullQueueRefusesRequestsButNotCleanup) {
  store_.release.Notify();
  Start({2, absl::Seconds(5)});
  absl::Notification running, release;
  ASSERT_OK(coordinator_->Post([&](CoordinatorCore&) {
    running.Notify();
    release.WaitForNotification();
  }));
  running.WaitForNotification();
  EXPECT_OK(coordinator_->Post([](CoordinatorCore&) {}));
  EXPECT_OK(coordinator_->Post([](CoordinatorCore&) {}));
  EXPECT_STATUS(coordinator_->Post([](CoordinatorCore&) {}), kUnavailable, "overloaded");
  EXPECT_OK(coordinator_->PostCleanup([](CoordinatorCore&) {}));
  release.Notify();
  coordinator_->Shutdown();  // its thread may still be waking up in `release`
}

TEST_F(CoordinatorTest, ShutdownAnswersEverythingAccepted) {
  Start();
  std::optional<absl::Status> parked, registered;
  absl::Notification first;
  ASSERT_OK(PostRegister("w", [&](absl::StatusOr<RegisterAnswer>) { first.Notify(); }));
  store_.committing.WaitForNotification();
  // Both wait behind the commit in progress when the shutdown comes.
  ASSERT_OK(PostLease("w", absl::Seconds(30),
                      [&](absl::StatusOr<LeaseAnswer> answer) { parked = answer.status(); }));
  ASSERT_OK(PostRegister("w2", [&](absl::StatusOr<RegisterAnswer> answer) { registered = answer.status(); }));
  std::thread stopper([&] { coordinator_->Shutdown(); });
  while (!absl::IsUnavailable(coordinator_->Post([](CoordinatorCore&) {}))) std::this_thread::yield();
  store_.release.Notify();
  stopper.join();
  ASSERT_TRUE(parked.has_value());
  EXPECT_STATUS(*parked, kUnavailable, "stopping");
  ASSERT_TRUE(registered.has_value());
  EXPECT_OK(*registered);
  EXPECT_STATUS(coordinator_->Post([](CoordinatorCore&) {}), kUnavailable, "stopping");
}

TEST_F(CoordinatorTest, AnUnreadableStoreIsReportedAtStart) {
  class BrokenStore : public SlowStore {
    absl::StatusOr<StoredState> Load() override { return absl::DataLossError("the disk is gone"); }
  } broken;
  auto core = std::make_unique<CoordinatorCore>(
      CoreOptions(), &broken, [](const std::string&) { return true; }, Clock::System(),
      RandomSource::System(), &observer_);
  EXPECT_STATUS(Coordinator::Start({}, std::move(core), Clock::System()), kDataLoss, "the disk is gone");
}

}  // namespace
}  // namespace probesweep::server
