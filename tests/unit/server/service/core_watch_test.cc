// Watches: the sweep now and after each change.
#include <gmock/gmock.h>

#include "tests/unit/server/service/core_fixture.h"

namespace probesweep::server {
namespace {

class CoreWatchTest : public CoreTest {
 protected:
  uint64_t Watch(const std::string& id) {
    const uint64_t watch = core_->Watch(
        id, [this](absl::StatusOr<SweepUpdate> update) { updates_.push_back(std::move(update)); });
    core_->Step();
    return watch;
  }
  // Updates since the last call.
  std::vector<absl::StatusOr<SweepUpdate>> Take() { return std::exchange(updates_, {}); }
  SweepState LastState() {
    EXPECT_FALSE(updates_.empty());
    return updates_.empty() || !updates_.back().ok() ? SweepState::kRunning : updates_.back()->view.state();
  }

  std::vector<absl::StatusOr<SweepUpdate>> updates_;
};

TEST_F(CoreWatchTest, TellsTheStateAtOnceThenOnlyChanges) {
  const std::string id = Submit();
  Watch(id);
  ASSERT_EQ(updates_.size(), 1u);
  EXPECT_EQ(Take()[0]->view.counts[TaskState::kReady], 2);
  Pass(absl::Seconds(1));
  EXPECT_EQ(Get(id)->counts[TaskState::kReady], 2);
  EXPECT_TRUE(updates_.empty()) << "nothing happened";
  Submit(1, "another sweep");
  EXPECT_TRUE(updates_.empty()) << "nothing happened to this one";
}

TEST_F(CoreWatchTest, ShowsProgressAndWhoWorks) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  Watch(id);
  Take();
  const Grant grant = MustLease(w1_);
  ASSERT_EQ(updates_.size(), 1u);
  ASSERT_EQ(Take()[0]->workers.size(), 1u);
  ASSERT_OK(Beat(w1_, {{grant.lease_id, 2, 6}}));
  ASSERT_EQ(updates_.size(), 1u);
  const auto update = Take()[0];
  EXPECT_EQ(update->workers[0].worker.id, "w1");
  EXPECT_EQ(update->workers[0].checkpoint, "step0");
  EXPECT_EQ(update->workers[0].layers_done, 2);
  ASSERT_OK(Beat(w1_, {{grant.lease_id, 2, 6}}));
  EXPECT_TRUE(updates_.empty()) << "a heartbeat without progress is no news";
}

// The client of a watch goes on until it sees a state that is terminal: every way to end must show one.
TEST_F(CoreWatchTest, TheUpdateOfTheLastTaskShowsATerminalStateAndTheEndTime) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  Watch(id);
  const Grant grant = MustLease(w1_);
  ASSERT_OK(Commit(Claim(w1_, grant, 0)));
  EXPECT_EQ(LastState(), SweepState::kRunning);
  ASSERT_OK(Commit(Claim(w1_, grant, 1)));
  EXPECT_EQ(LastState(), SweepState::kSucceeded);
  EXPECT_TRUE(updates_.back()->view.sweep->end_time.has_value());
}

TEST_F(CoreWatchTest, AFailedAndACancelledSweepEndTheWatchTheSameWay) {
  const std::string failing = Submit(1, "r1");
  ASSERT_OK(Register(w1_));
  Watch(failing);
  const Grant grant = MustLease(w1_);
  ASSERT_OK(Fail(Claim(w1_, grant, 0), FailureKind::kCheckpointCorrupt));
  EXPECT_EQ(LastState(), SweepState::kFailed);
  const std::string cancelled = Submit(3, "r2");
  Watch(cancelled);
  ASSERT_OK(Cancel(cancelled));
  EXPECT_EQ(LastState(), SweepState::kCancelled);
}

TEST_F(CoreWatchTest, AWatchOfAFinishedSweepTellsItsTerminalStateAtOnce) {
  const std::string id = Submit();
  ASSERT_OK(Cancel(id));
  Watch(id);
  ASSERT_EQ(updates_.size(), 1u);
  EXPECT_EQ(LastState(), SweepState::kCancelled);
  Restart();
  Take();
  Watch(id);
  ASSERT_EQ(updates_.size(), 1u);
  EXPECT_EQ(LastState(), SweepState::kCancelled);
}

TEST_F(CoreWatchTest, ADeletedSweepEndsItsWatchWithAnError) {
  const std::string id = Submit();
  Watch(id);
  ASSERT_OK(Cancel(id));
  Take();
  ASSERT_OK(Delete(id));
  ASSERT_EQ(updates_.size(), 1u);
  EXPECT_STATUS(Take()[0], kNotFound, id, "deleted");
  Submit(1, "r2");
  EXPECT_TRUE(updates_.empty());
}

TEST_F(CoreWatchTest, AnUnknownSweepIsRefusedAtOnce) {
  Watch("sw-x");
  ASSERT_EQ(updates_.size(), 1u);
  EXPECT_STATUS(updates_[0], kNotFound, "'sw-x'");
}

TEST_F(CoreWatchTest, AnEndedWatchHearsNoMore) {
  const std::string id = Submit();
  core_->Unwatch(Watch(id));
  Take();
  ASSERT_OK(Cancel(id));
  EXPECT_TRUE(updates_.empty());
}

TEST_F(CoreWatchTest, ShutdownAnswersEverybody) {
  const std::string id = Submit();
  ASSERT_OK(Cancel(id));
  ASSERT_OK(Register(w1_));
  Watch(id);
  Take();
  const auto poll = Poll(w1_);
  Answered<SweepView> unanswered;
  core_->GetSweep(id, unanswered.reply());
  core_->Shutdown();
  EXPECT_STATUS(poll.get(), kUnavailable, "stopping");
  EXPECT_STATUS(unanswered.get(), kUnavailable, "stopping");
  ASSERT_EQ(updates_.size(), 1u);
  EXPECT_STATUS(updates_[0], kUnavailable, "stopping");
}

TEST_F(CoreWatchTest, ProgressIsToldAtMostOnceInAnIntervalTheEndAtOnce) {
  options_.watch_interval = absl::Milliseconds(250);
  Restart();
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  Watch(id);
  Pass(absl::Seconds(1));
  Take();
  for (int layer = 1; layer <= 5; ++layer) ASSERT_OK(Beat(w1_, {{grant.lease_id, layer, 6}}));
  ASSERT_EQ(updates_.size(), 1u) << "the first one at once";
  EXPECT_EQ(Take()[0]->workers[0].layers_done, 1);
  EXPECT_EQ(core_->NextWake(), clock_.Steady() + absl::Milliseconds(250));
  Pass(absl::Milliseconds(249));
  EXPECT_TRUE(updates_.empty());
  Pass(absl::Milliseconds(1));
  ASSERT_EQ(updates_.size(), 1u);
  EXPECT_EQ(Take()[0]->workers[0].layers_done, 5) << "the others together";
  ASSERT_OK(Cancel(id));
  EXPECT_EQ(LastState(), SweepState::kCancelled);
}

}  // namespace
}  // namespace probesweep::server
