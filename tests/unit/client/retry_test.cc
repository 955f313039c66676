#include "client/retry.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/unit/client/fake_sweep_service.h"

namespace probesweep::client {
namespace {

class RetryTest : public ::testing::Test {
 protected:
  RetryTest() {
    tools_.clock = &time_;
    tools_.sleeper = &time_;
  }
  // Answers with the codes in turn, the last one for ever.
  absl::Status Call(const std::vector<absl::StatusCode>& codes) {
    attempts_ = 0;
    return CallWithRetries(policy_, tools_, [&] {
      const size_t i = std::min<size_t>(attempts_++, codes.size() - 1);
      return absl::Status(codes[i], absl::StrCat("attempt ", attempts_));
    });
  }

  FakeTime time_;
  RetryTools tools_;
  RetryPolicy policy_;
  int attempts_ = 0;
};

TEST_F(RetryTest, RepeatsOnlyWhatMayPass) {
  const struct {
    const char* intent;
    std::vector<absl::StatusCode> codes;
    absl::StatusCode result;
    int attempts;
  } cases[] = {
      {"success at once is one attempt", {absl::StatusCode::kOk}, absl::StatusCode::kOk, 1},
      {"an unavailable coordinator is asked again",
       {absl::StatusCode::kUnavailable, absl::StatusCode::kUnavailable, absl::StatusCode::kOk},
       absl::StatusCode::kOk,
       3},
      {"a late answer is asked for again",
       {absl::StatusCode::kDeadlineExceeded, absl::StatusCode::kOk},
       absl::StatusCode::kOk,
       2},
      {"a refusal is final", {absl::StatusCode::kInvalidArgument}, absl::StatusCode::kInvalidArgument, 1},
      {"a full queue is final",
       {absl::StatusCode::kResourceExhausted},
       absl::StatusCode::kResourceExhausted,
       1},
      {"a refusal after a break is final",
       {absl::StatusCode::kUnavailable, absl::StatusCode::kNotFound},
       absl::StatusCode::kNotFound,
       2},
      {"attempts are limited", {absl::StatusCode::kUnavailable}, absl::StatusCode::kUnavailable, 5},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.intent);
    EXPECT_EQ(Call(c.codes).code(), c.result);
    EXPECT_EQ(attempts_, c.attempts);
  }
}

TEST_F(RetryTest, WaitsGrowUpToTheMaximum) {
  policy_.max_attempts = 8;
  policy_.patience = absl::InfiniteDuration();
  policy_.backoff.maximum = absl::Seconds(2);
  EXPECT_FALSE(Call({absl::StatusCode::kUnavailable}).ok());
  ASSERT_EQ(time_.sleeps.size(), 7u);
  EXPECT_LE(time_.sleeps[0], absl::Milliseconds(200));
  EXPECT_GE(time_.sleeps[2], absl::Milliseconds(400));
  EXPECT_GE(time_.sleeps[6], absl::Seconds(1));
  EXPECT_LE(time_.sleeps[6], absl::Seconds(2));
}

TEST_F(RetryTest, StopsWhenPatienceIsSpent) {
  policy_.max_attempts = 1000;
  policy_.patience = absl::Seconds(3);
  const absl::Duration start = time_.Steady();
  const absl::Status status = Call({absl::StatusCode::kUnavailable});
  EXPECT_STATUS(status, kUnavailable, absl::StrCat("attempt ", attempts_));
  EXPECT_LE(time_.Steady() - start, absl::Seconds(3));
  EXPECT_GT(attempts_, 2);
}

}  // namespace
}  // namespace probesweep::client
