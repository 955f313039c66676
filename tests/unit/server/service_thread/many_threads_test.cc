// The coordinator, its store and its executor as a server uses them: asked from many threads at once. What
// they do is checked here; that no two threads touch the same memory unguarded, by ThreadSanitizer
// (tests/sanitizers/tsan.sh).
#include <thread>
#include <utility>

#include "absl/synchronization/notification.h"
#include "server/service/coordinator.h"
#include "server/service/executor.h"
#include "server/store/open_store.h"
#include "tests/support/sample_sweeps.h"
#include "tests/support/silent_observer.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::server {
namespace {

class ManyThreadsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(store_, OpenStore("sqlite://" + folder_.File("store.sqlite"), Clock::System()));
    CoreOptions options;
    options.engine_version = "e1";
    auto core = std::make_unique<CoordinatorCore>(
        options, store_.get(), [](const std::string&) { return 100; }, Clock::System(),
        RandomSource::System(), &observer_);
    ASSERT_OK_AND_ASSIGN(coordinator_, Coordinator::Start({}, std::move(core), Clock::System()));
  }

  // Asks from the calling thread and waits for the answer.
  template <typename T, typename Call>
  absl::StatusOr<T> Ask(Call call) {
    absl::StatusOr<T> answer;
    absl::Notification answered;
    const absl::Status posted = coordinator_->Post([&](CoordinatorCore& core) {
      call(core, [&](absl::StatusOr<T> value) {
        answer = std::move(value);
        answered.Notify();
      });
    });
    if (!posted.ok()) return posted;
    answered.WaitForNotification();
    return answer;
  }

  absl::StatusOr<LeaseAnswer> Lease(const WorkerRef& worker) {
    return Ask<LeaseAnswer>([&](CoordinatorCore& core, Reply<LeaseAnswer> reply) {
      core.Lease({worker, absl::Milliseconds(20), {}}, std::move(reply));
    });
  }

  // One worker's life until the sweep is done; returns how many of its results were accepted.
  int Work(const WorkerRef& worker, const std::string& sweep) {
    EXPECT_OK(Ask<RegisterAnswer>([&](CoordinatorCore& core, Reply<RegisterAnswer> reply) {
      core.Register({worker, "host", "cpu", "v", "e1"}, std::move(reply));
    }));
    int accepted = 0;
    while (!Done(sweep)) {
      const absl::StatusOr<LeaseAnswer> leased = Lease(worker);
      EXPECT_OK(leased);
      if (!leased.ok()) break;
      if (leased->grant.has_value()) accepted += RunGrant(worker, *leased->grant);
    }
    return accepted;
  }

  int RunGrant(const WorkerRef& worker, const Grant& grant) {
    int accepted = 0;
    for (const GrantedTask& task : grant.tasks) {
      EXPECT_OK(Ask<HeartbeatAnswer>([&](CoordinatorCore& core, Reply<HeartbeatAnswer> reply) {
        core.Heartbeat({worker, {{grant.lease_id, 1, 6}}}, std::move(reply));
      }));
      Outcome outcome = testing::SampleOutcome();
      outcome.provenance.dataset_digest = task.dimension.dataset_digest;
      outcome.provenance.configuration = grant.analysis.Canonical();
      const TaskClaim claim{worker, grant.lease_id, task.task_id, task.epoch};
      const auto answer = Ask<CommitAnswer>([&](CoordinatorCore& core, Reply<CommitAnswer> reply) {
        core.Commit(claim, outcome, std::move(reply));
      });
      accepted += answer.ok() && !answer->already_committed ? 1 : 0;
    }
    EXPECT_OK(Ask<bool>([&](CoordinatorCore& core, Reply<bool> reply) {
      core.Release(worker, grant.lease_id, std::nullopt, std::move(reply));
    }));
    return accepted;
  }

  bool Done(const std::string& sweep) {
    const auto view = Ask<SweepView>(
        [&](CoordinatorCore& core, Reply<SweepView> reply) { core.GetSweep(sweep, std::move(reply)); });
    EXPECT_OK(view);
    return !view.ok() || view->state() != SweepState::kRunning;
  }

  // Every task's outcome that the store has, read by the executor's threads while others commit.
  int ReadOutcomes(const std::string& sweep) {
    const auto page = Ask<Page<TaskView>>([&](CoordinatorCore& core, Reply<Page<TaskView>> reply) {
      core.ListTasks(sweep, 0, "", std::move(reply));
    });
    EXPECT_OK(page);
    if (!page.ok()) return 0;
    std::atomic<int> found{0};
    Executor executor({/*threads=*/2, /*max_queue=*/1000});
    for (const TaskView& view : page->items) {
      EXPECT_OK(
          executor.Post([&, key = view.task.reuse_key] { found += store_->ReadOutcome(key).ok() ? 1 : 0; }));
    }
    executor.Shutdown();
    return found;
  }

  testing::TempDir folder_;
  testing::SilentObserver observer_;
  std::unique_ptr<SqlStore> store_;  // outlives the coordinator
  std::unique_ptr<Coordinator> coordinator_;
};

TEST_F(ManyThreadsTest, WorkersAndViewersOfOneSweepGetEveryTaskDoneOnce) {
  constexpr int kCheckpoints = 15, kTasks = 2 * kCheckpoints, kWorkers = 4;
  ASSERT_OK_AND_ASSIGN(
      const SweepView sweep, Ask<SweepView>([&](CoordinatorCore& core, Reply<SweepView> reply) {
        core.CreateSweep("r", testing::SampleSpec(), testing::SamplePlan(kCheckpoints), std::move(reply));
      }));
  const std::string id = sweep.sweep->id;
  std::atomic<int> accepted{0};
  std::vector<std::thread> workers;
  for (int i = 0; i < kWorkers; ++i) {
    workers.emplace_back([&, i] { accepted += Work({absl::StrCat("w", i), absl::StrCat("i", i)}, id); });
  }
  int seen = 0;
  while (!Done(id)) {
    const int found = ReadOutcomes(id);
    EXPECT_GE(found, seen);
    seen = found;
    EXPECT_LE(coordinator_->queue_depth(), kWorkers);
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(accepted, kTasks);
  EXPECT_EQ(ReadOutcomes(id), kTasks);
}

TEST_F(ManyThreadsTest, AShutdownRunsWhatItAcceptedFromWhoeverStillAsks) {
  int64_t ran = 0;  // on the coordinator's thread
  std::atomic<int64_t> accepted{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (coordinator_->Post([&](CoordinatorCore&) { ++ran; }).ok()) {
        ++accepted;
        std::this_thread::yield();
      }
    });
  }
  while (accepted < 5000) std::this_thread::yield();
  coordinator_->Shutdown();
  for (std::thread& thread : threads) thread.join();
  EXPECT_GE(ran, 5000);
  EXPECT_EQ(ran, accepted);
}

}  // namespace
}  // namespace probesweep::server
