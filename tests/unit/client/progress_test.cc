#include "client/render/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "client/render/text.h"
#include "tests/unit/client/fake_sweep_service.h"

namespace probesweep::client {
namespace {

v1::WatchSweepResponse State(int64_t done, int64_t total, const std::string& checkpoint = "step16") {
  v1::WatchSweepResponse state;
  *state.mutable_sweep() = MakeSweep("sw-1", "demo");
  state.mutable_sweep()->mutable_tasks()->set_done(done);
  state.mutable_sweep()->mutable_tasks()->set_ready(total - done);
  if (!checkpoint.empty()) {
    v1::Worker& worker = *state.add_workers();
    worker.set_id("box-cpu-0");
    worker.set_checkpoint(checkpoint);
    worker.set_layers_done(3);
    worker.set_layers_total(6);
  }
  return state;
}

TEST(ProgressTextTest, TellsCountsWorkersAndTime) {
  v1::WatchSweepResponse state = State(12, 40);
  EXPECT_EQ(ProgressText(state, absl::Seconds(94)),
            "demo  12/40 done | box-cpu-0: step16 layer 3/6 | about 1:34 left");
  v1::TaskCounts& counts = *state.mutable_sweep()->mutable_tasks();
  counts.set_reused(2);
  counts.set_quarantined(1);
  counts.set_retry_wait(3);
  state.clear_workers();
  EXPECT_EQ(ProgressText(state, std::nullopt),
            "demo  12/44 done, 2 reused, 1 failed, 3 to be retried | waiting for a worker");
  state.mutable_sweep()->set_state(v1::SWEEP_STATE_FAILED);
  EXPECT_THAT(ProgressText(state, absl::Seconds(1)), ::testing::EndsWith("| failed"));
}

TEST(ProgressTextTest, WritesDurationsAsAClockDoes) {
  EXPECT_EQ(ShortDuration(absl::Milliseconds(600)), "0:01");
  EXPECT_EQ(ShortDuration(absl::Seconds(3599)), "59:59");
  EXPECT_EQ(ShortDuration(absl::Seconds(3723)), "1:02:03");
}

TEST(PaceEstimateTest, IsSilentUntilEnoughWasSeen) {
  PaceEstimate pace;
  pace.Observe(0, 40, absl::Seconds(0));
  EXPECT_EQ(pace.Remaining(absl::Seconds(0)), std::nullopt);
  pace.Observe(1, 40, absl::Seconds(10));
  EXPECT_EQ(pace.Remaining(absl::Seconds(10)), std::nullopt) << "one of forty tasks is no pace";
  pace.Observe(5, 40, absl::Seconds(10));
  EXPECT_EQ(pace.Remaining(absl::Seconds(10)), absl::Seconds(70));
}

TEST(PaceEstimateTest, CountsDownBetweenTasksAndNotBelowZero) {
  PaceEstimate pace;
  pace.Observe(0, 10, absl::Seconds(0));
  pace.Observe(5, 10, absl::Seconds(50));
  EXPECT_EQ(pace.Remaining(absl::Seconds(60)), absl::Seconds(40));
  EXPECT_EQ(pace.Remaining(absl::Seconds(500)), absl::ZeroDuration());
}

TEST(PaceEstimateTest, LeavesOutWhatHadEndedBefore) {
  PaceEstimate pace;
  pace.Observe(20, 40, absl::Seconds(0));
  pace.Observe(30, 40, absl::Seconds(100));
  EXPECT_EQ(pace.Remaining(absl::Seconds(100)), absl::Seconds(100));
}

TEST(PaceEstimateTest, StartsAnewWhenARetryTakesTasksBack) {
  PaceEstimate pace;
  pace.Observe(0, 10, absl::Seconds(0));
  pace.Observe(9, 10, absl::Seconds(90));
  pace.Observe(4, 10, absl::Seconds(100));
  EXPECT_EQ(pace.Remaining(absl::Seconds(100)), std::nullopt);
}

TEST(ProgressLineTest, OffATerminalWritesALineForEachChangeThatMatters) {
  FakeTime time;
  std::ostringstream out;
  ProgressLine line(out, Terminal{}, &time);
  line.Update(State(0, 4));
  v1::WatchSweepResponse more_layers = State(0, 4);
  more_layers.mutable_workers(0)->set_layers_done(5);
  line.Update(more_layers);
  line.Update(State(0, 4, ""));
  line.Update(State(0, 4, "step16"));
  line.Update(State(0, 4, "step64"));
  line.Update(State(2, 4, "step64"));
  EXPECT_EQ(out.str(),
            "demo  0/4 done | box-cpu-0: step16 layer 3/6\n"
            "demo  0/4 done | box-cpu-0: step64 layer 3/6\n"
            "demo  2/4 done | box-cpu-0: step64 layer 3/6\n");
}

TEST(ProgressLineTest, OnATerminalWritesOverOneLineThatFits) {
  FakeTime time;
  std::ostringstream out;
  Terminal terminal;
  terminal.interactive = true;
  terminal.width = 30;
  {
    ProgressLine line(out, terminal, &time);
    line.Update(State(0, 4));
    line.Update(State(1, 4));
    line.Note("lost\nit");
    line.Update(State(2, 4));
  }
  EXPECT_EQ(out.str(),
            "\r\x1b[Kdemo  0/4 done | box-cpu-0: …\r\x1b[Kdemo  1/4 done | box-cpu-0: …"
            "\r\x1b[Klost\\x0ait\n\r\x1b[Kdemo  2/4 done | box-cpu-0: …\n");
}

}  // namespace
}  // namespace probesweep::client
