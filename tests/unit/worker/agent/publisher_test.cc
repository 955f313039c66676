#include "worker/agent/publisher.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"
#include "tests/unit/worker/agent/spool_files.h"

namespace probesweep::worker {
namespace {

class PublisherTest : public ::testing::Test {
 protected:
  PublisherTest() { keeper_.Track("lease-1", clock_.Steady()); }
  ~PublisherTest() override {
    StopTheWorker();
    keeper_.Stop();
    publisher_.reset();
  }

  void Start(uint64_t limit_bytes = 1 << 20) {
    absl::StatusOr<std::unique_ptr<Spool>> spool = Spool::Open({folder_.path(), limit_bytes});
    ASSERT_OK(spool);
    spool_ = *std::move(spool);
    StartWith(spool_.get());
  }
  void StartWith(Spool* spool) {
    publisher_ = std::make_unique<Publisher>(
        Worker(),
        OutcomeSender(&coordinator_, &keeper_, &random_, [this](absl::Duration) { return AwaitReturn(); }),
        spool);
  }

  void StopTheWorker() {
    stopped_ = true;
    keeper_.StopWaiting();
    coordinator_.SetAway(true);  // wakes AwaitReturn
  }

  absl::Status Publish(int task) { return publisher_->Publish(grant_, grant_.tasks(task), result_); }
  std::vector<std::string> Files() const { return SpoolFiles(folder_.path()); }
  size_t Commits() {
    absl::MutexLock lock(&coordinator_.mutex);
    return coordinator_.commits.size();
  }

  testing::TempDir folder_;
  ManualClock clock_;
  CountingRandom random_;
  FakeCoordinator coordinator_;
  LeaseKeeper keeper_{LeaseKeeper::Options(), Worker(), &coordinator_, &clock_, &random_};
  std::atomic<bool> stopped_{false};
  std::unique_ptr<Spool> spool_;
  std::unique_ptr<Publisher> publisher_;
  const v1::Grant grant_ = MakeGrant("lease-1", {"truth", "privacy", "toxicity"});
  const DimensionResult result_ = ResultWithArtifacts();

 private:
  // A wait between two tries ends when there is a reason to try again.
  bool AwaitReturn() {
    coordinator_.Await([this] { return !coordinator_.away || stopped_; });
    return !stopped_;
  }
};

TEST_F(PublisherTest, WhatIsAcceptedLeavesTheSpool) {
  Start();
  ASSERT_OK(Publish(0));
  ASSERT_OK(publisher_->PublishFailure(grant_, grant_.tasks(1), absl::InvalidArgumentError("label 2")));
  ASSERT_OK(publisher_->Flush());
  EXPECT_EQ(coordinator_.calls, (std::vector<std::string>{"artifact", "artifact", "commit", "fail"}));
  EXPECT_EQ(coordinator_.commits[0].worker().incarnation(), "inc-former");
  EXPECT_EQ(coordinator_.failures[0].error(), "label 2");
  EXPECT_TRUE(Files().empty());
}

TEST_F(PublisherTest, ThePassGoesOnWhileTheCoordinatorIsAway) {
  Start();
  coordinator_.SetAway(true);
  for (int task = 0; task < 3; ++task) ASSERT_OK(Publish(task));
  EXPECT_EQ(Files().size(), 3u);
  EXPECT_EQ(publisher_->Waiting(), 3);
  coordinator_.SetAway(false);
  ASSERT_OK(publisher_->Flush());
  ASSERT_EQ(coordinator_.commits.size(), 3u);
  EXPECT_EQ(coordinator_.commits[0].task_id(), "task-truth");
  EXPECT_EQ(coordinator_.commits[2].task_id(), "task-toxicity");
  EXPECT_TRUE(Files().empty());
}

TEST_F(PublisherTest, ADoubtfulLeaseHoldsOutcomesInTheSpoolUntilAHeartbeatRenewsIt) {
  Start();
  clock_.Advance(absl::Minutes(30));
  ASSERT_OK(Publish(0));
  EXPECT_TRUE(coordinator_.calls.empty());
  EXPECT_EQ(Files().size(), 1u);
  keeper_.Beat();
  ASSERT_OK(publisher_->Flush());
  EXPECT_EQ(coordinator_.calls, (std::vector<std::string>{"heartbeat", "artifact", "artifact", "commit"}));
}

TEST_F(PublisherTest, ALostLeaseEmptiesTheSpoolUnsent) {
  Start();
  clock_.Advance(absl::Minutes(30));
  ASSERT_OK(Publish(0));
  coordinator_.on_heartbeat = [](const v1::HeartbeatRequest&) { return v1::HeartbeatResponse(); };
  keeper_.Beat();
  ASSERT_OK(publisher_->Flush());
  EXPECT_EQ(coordinator_.calls, std::vector<std::string>{"heartbeat"});
  EXPECT_TRUE(Files().empty());
}

TEST_F(PublisherTest, PastTheLimitThePassWaitsUntilSomethingIsAccepted) {
  Start(/*limit_bytes=*/1000);  // one result has some 800
  coordinator_.SetAway(true);
  ASSERT_OK(Publish(0));
  std::atomic<bool> taken{false};
  std::future<absl::Status> second = std::async(std::launch::async, [&] {
    const absl::Status status = Publish(1);
    taken = true;
    return status;
  });
  EXPECT_EQ(second.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  EXPECT_FALSE(taken);
  EXPECT_EQ(Files().size(), 1u);
  coordinator_.SetAway(false);
  EXPECT_OK(second.get());
  ASSERT_OK(publisher_->Flush());
  EXPECT_EQ(coordinator_.commits.size(), 2u);
}

TEST_F(PublisherTest, OneOutcomeHasRoomHoweverLargeItIs) {
  Start(/*limit_bytes=*/10);
  for (int task = 0; task < 2; ++task) ASSERT_OK(Publish(task));
  ASSERT_OK(publisher_->Flush());
  EXPECT_EQ(coordinator_.commits.size(), 2u);
}

TEST_F(PublisherTest, WhatAFullDiskCannotTakeIsSentFromMemoryAndThePassWaitsForThat) {
  Start();
  coordinator_.SetAway(true);
  std::future<absl::Status> published;
  {
    const FileSizeLimit full(400);
    published = std::async(std::launch::async, [&] { return Publish(0); });
    EXPECT_TRUE(coordinator_.Await([&] { return !coordinator_.calls.empty(); }));
  }
  EXPECT_EQ(published.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  EXPECT_TRUE(Files().empty());
  coordinator_.SetAway(false);
  EXPECT_OK(published.get());
  EXPECT_EQ(Commits(), 1u);
}

TEST_F(PublisherTest, WithoutASpoolThePassWaitsForTheAnswer) {
  StartWith(nullptr);
  ASSERT_OK(Publish(0));
  EXPECT_EQ(Commits(), 1u);
}

TEST_F(PublisherTest, WhenTheWorkerStopsWhatIsUnsentStaysInTheSpool) {
  Start();
  coordinator_.SetAway(true);
  for (int task = 0; task < 2; ++task) ASSERT_OK(Publish(task));
  StopTheWorker();
  EXPECT_STATUS(publisher_->Flush(), kCancelled, "stopping");
  EXPECT_EQ(publisher_->Waiting(), 2);
  EXPECT_EQ(Files().size(), 2u);
}

TEST_F(PublisherTest, WhenTheWorkerStopsWhatCanBeSentAtOnceStillIs) {
  Start();
  clock_.Advance(absl::Minutes(30));  // so that nothing is sent yet
  for (int task = 0; task < 2; ++task) ASSERT_OK(Publish(task));
  keeper_.Beat();
  keeper_.StopWaiting();
  ASSERT_OK(publisher_->Flush());
  EXPECT_EQ(Commits(), 2u);
}

TEST_F(PublisherTest, AFileDamagedMeanwhileIsSetAsideAndNotSent) {
  Start();
  coordinator_.SetAway(true);
  for (int task = 0; task < 2; ++task) ASSERT_OK(Publish(task));
  // The first one is being sent; the second one loses its end.
  std::filesystem::resize_file(folder_.File("outcome-000000000002"), 600);
  coordinator_.SetAway(false);
  ASSERT_OK(publisher_->Flush());
  ASSERT_EQ(coordinator_.commits.size(), 1u);
  EXPECT_EQ(coordinator_.commits[0].task_id(), "task-truth");
  EXPECT_TRUE(coordinator_.failures.empty());
  EXPECT_EQ(Files(), std::vector<std::string>{"outcome-000000000002.damaged"});
}

}  // namespace
}  // namespace probesweep::worker
