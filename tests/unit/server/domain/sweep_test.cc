#include "server/domain/sweep.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "tests/support/sample_sweeps.h"
#include "tests/support/status_matchers.h"

namespace probesweep::server {
namespace {

using ::probesweep::testing::SampleSpec;

TEST(SweepName, IsSafeInFileNamesLabelsAndUrls) {
  for (const std::string& name : {std::string("a"), std::string("step-1_000.v2"), std::string(64, 'x'),
                                  std::string(".hidden"), std::string("...")}) {
    EXPECT_TRUE(IsName(name)) << name;
  }
  for (const std::string& name :
       {std::string(), std::string(65, 'x'), std::string("a b"), std::string("a/b"), std::string("é"),
        std::string("a\n"), std::string("."), std::string(".."), std::string("a\0", 2)}) {
    EXPECT_FALSE(IsName(name)) << name;
  }
}

TEST(SweepSpec, AValidOneIsAccepted) {
  SweepSpec spec = SampleSpec();
  EXPECT_OK(Validate(spec));
  spec.checkpoints[0].step = 0;
  spec.dimensions[0].steering_share = 1;
  spec.weight = 1e6;
  spec.dimensions[0].label_meaning = std::string(4096, 'l');
  spec.dimensions[1].group_rule = "same_text";
  spec.recompute = std::string(128, 'x');
  EXPECT_OK(Validate(spec)) << "the bounds themselves are allowed";
}

TEST(SweepSpec, EveryMistakeNamesItsField) {
  const double nan = std::nan("");
  const struct {
    std::function<void(SweepSpec&)> spoil;
    const char* field;
  } cases[] = {
      {[](SweepSpec& s) { s.name = "a b"; }, "name: 'a b'"},
      {[](SweepSpec& s) { s.name = ""; }, "name: ''"},
      {[](SweepSpec& s) { s.model = ""; }, "model"},
      {[](SweepSpec& s) { s.model = std::string(257, 'm'); }, "model"},
      {[](SweepSpec& s) { s.checkpoints.clear(); }, "checkpoints: name at least one"},
      {[](SweepSpec& s) { s.checkpoints[0].pattern = "step1"; }, "checkpoints[0].pattern: 'step1'"},
      {[](SweepSpec& s) { s.checkpoints[0].pattern = ""; }, "checkpoints[0].pattern"},
      {[](SweepSpec& s) { s.checkpoints[0].pattern = std::string(4097, '/'); }, "checkpoints[0].pattern"},
      {[](SweepSpec& s) { s.checkpoints[0].step = -1; }, "checkpoints[0].step"},
      {[](SweepSpec& s) { s.checkpoints[0].tokens = -1; }, "checkpoints[0].tokens"},
      {[](SweepSpec& s) { s.model = "two\nlines"; }, "model"},
      {[](SweepSpec& s) { s.checkpoints[0].pattern = "/a\nb"; }, "checkpoints[0].pattern"},
      {[](SweepSpec& s) { s.checkpoints[0].pattern = std::string("/a\0b", 4); }, "checkpoints[0].pattern"},
      {[](SweepSpec& s) { s.checkpoints.resize(100'001, s.checkpoints[0]); }, "more than 100000"},
      {[](SweepSpec& s) {
         s.checkpoints.resize(2049, {std::string(4096, '/'), {}, {}});
       },
       "longer than 8 MiB"},
      {[](SweepSpec& s) { s.dimensions.clear(); }, "dimensions: name at least one"},
      {[](SweepSpec& s) { s.dimensions.resize(1001); }, "dimensions: are more than 1000"},
      {[](SweepSpec& s) { s.dimensions[1].name = "truth"; }, "dimensions[1].name: 'truth' is there twice"},
      {[](SweepSpec& s) { s.dimensions[1].name = ".."; }, "dimensions[1].name"},
      {[](SweepSpec& s) { s.dimensions[1].dataset = ""; }, "dimensions[1].dataset"},
      {[](SweepSpec& s) { s.dimensions[1].dataset = std::string(257, 'd'); }, "dimensions[1].dataset"},
      {[](SweepSpec& s) { s.dimensions[1].dataset = "a\tb"; }, "dimensions[1].dataset"},
      {[](SweepSpec& s) { s.dimensions[1].label_meaning = std::string(4097, 'l'); }, "].label_meaning"},
      {[](SweepSpec& s) { s.dimensions[1].label_meaning = "\x1b[31m"; }, "dimensions[1].label_meaning"},
      {[](SweepSpec& s) { s.dimensions[1].group_column = std::string(257, 'g'); }, "].group_column"},
      {[](SweepSpec& s) { s.dimensions[1].group_column = "\r"; }, "dimensions[1].group_column"},
      {[](SweepSpec& s) { s.dimensions[0].dataset_digest = "ABC"; }, "dimensions[0].dataset_digest"},
      {[](SweepSpec& s) { s.dimensions[0].steering_share = 0; }, "dimensions[0].steering_share"},
      {[](SweepSpec& s) { s.dimensions[0].steering_share = 1.01; }, "dimensions[0].steering_share"},
      {[nan](SweepSpec& s) { s.dimensions[0].steering_share = nan; }, "dimensions[0].steering_share"},
      {[](SweepSpec& s) { s.dimensions[1].group_column = s.dimensions[1].group_rule = "x"; },
       "dimensions[1].group_rule: is given beside group_column"},
      {[](SweepSpec& s) { s.dimensions[1].group_rule = "same text"; }, "dimensions[1].group_rule"},
      {[](SweepSpec& s) { s.recompute = std::string(129, 'x'); }, "recompute"},
      {[](SweepSpec& s) { s.recompute = "\n"; }, "recompute"},
      {[](SweepSpec& s) { s.weight = 0; }, "weight"},
      {[](SweepSpec& s) { s.weight = 9e-7; }, "weight"},
      {[](SweepSpec& s) { s.weight = std::numeric_limits<double>::denorm_min(); }, "weight"},
      {[nan](SweepSpec& s) { s.weight = nan; }, "weight"},
      {[](SweepSpec& s) { s.weight = std::numeric_limits<double>::infinity(); }, "weight"},
      {[](SweepSpec& s) { s.tokens_per_step = -1; }, "tokens_per_step"},
      {[](SweepSpec& s) { s.analysis.protocols = {"relesed"}; }, "'released'"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.field);
    SweepSpec spec = SampleSpec();
    c.spoil(spec);
    EXPECT_STATUS(Validate(spec), kInvalidArgument, c.field);
  }
}

TaskCounts Counts(std::initializer_list<TaskState> states) {
  TaskCounts counts;
  for (const TaskState state : states) ++counts[state];
  return counts;
}

TEST(SweepState, FollowsFromItsTasks) {
  const auto done = TaskState::kDone, bad = TaskState::kQuarantined, gone = TaskState::kCancelled;
  const struct {
    const char* why;
    TaskCounts counts;
    SweepState state;
  } cases[] = {
      {"a ready task is still to do", Counts({done, TaskState::kReady}), SweepState::kRunning},
      {"a leased task is being done", Counts({bad, TaskState::kLeased}), SweepState::kRunning},
      {"a waiting task will be tried again", Counts({gone, TaskState::kRetryWait}), SweepState::kRunning},
      {"all done", Counts({done, done}), SweepState::kSucceeded},
      {"one for good failed", Counts({done, bad}), SweepState::kFailed},
      {"cancelling says more than failing", Counts({done, bad, gone}), SweepState::kCancelled},
  };
  for (const auto& c : cases) EXPECT_EQ(StateOf(c.counts), c.state) << c.why;
}

TEST(TaskCounts, TotalSumsEveryState) {
  EXPECT_EQ(Counts({TaskState::kReady, TaskState::kDone, TaskState::kDone, TaskState::kCancelled}).total(),
            4);
}

TEST(SweepState, NamesAreDistinct) {
  EXPECT_STREQ(SweepStateName(SweepState::kRunning), "running");
  EXPECT_STREQ(SweepStateName(SweepState::kSucceeded), "succeeded");
  EXPECT_STREQ(SweepStateName(SweepState::kFailed), "failed");
  EXPECT_STREQ(SweepStateName(SweepState::kCancelled), "cancelled");
}

}  // namespace
}  // namespace probesweep::server
