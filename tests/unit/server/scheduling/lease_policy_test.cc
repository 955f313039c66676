#include "server/scheduling/lease_policy.h"

#include <gtest/gtest.h>

namespace probesweep::server {
namespace {

constexpr LeaseOptions kOptions;  // 30 s to live, 120 s without progress is a hang

TEST(LeasePolicy, JudgesByDeadlineAndProgress) {
  const struct {
    const char* intent;
    int expires, last_progress, now;
    LeaseVerdict verdict;
  } cases[] = {
      {"a renewed lease that progresses lives", 130, 100, 129, LeaseVerdict::kLive},
      {"it ends at its deadline, not before", 130, 100, 130, LeaseVerdict::kExpired},
      {"renewed but without progress for two minutes it hangs", 250, 100, 220, LeaseVerdict::kHung},
      {"a second before that it does not", 250, 100, 219, LeaseVerdict::kLive},
      {"silence says more than a hang", 220, 100, 220, LeaseVerdict::kExpired},
  };
  for (const auto& c : cases) {
    Lease lease;
    lease.expires = absl::Seconds(c.expires);
    lease.last_progress = absl::Seconds(c.last_progress);
    EXPECT_EQ(JudgeLease(lease, absl::Seconds(c.now), kOptions), c.verdict) << c.intent;
  }
}

TEST(LeasePolicy, TheNextVerdictIsDueExactlyWhenItChanges) {
  for (const auto& [expires, progress] : {std::pair(130, 100), std::pair(500, 100)}) {
    Lease lease;
    lease.expires = absl::Seconds(expires);
    lease.last_progress = absl::Seconds(progress);
    const absl::Duration at = NextVerdictAt(lease, kOptions);
    EXPECT_EQ(JudgeLease(lease, at - absl::Nanoseconds(1), kOptions), LeaseVerdict::kLive);
    EXPECT_NE(JudgeLease(lease, at, kOptions), LeaseVerdict::kLive);
  }
}

}  // namespace
}  // namespace probesweep::server
