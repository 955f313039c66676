#include "server/scheduling/speculation.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace probesweep::server {
namespace {

constexpr LeaseOptions kOptions;  // a heartbeat each 10 s
constexpr absl::Duration kNow = absl::Seconds(10'000);

// Of two tasks, running for so many seconds in a sweep whose leases took `median` seconds; 0: none is
// finished.
RunningLease Running(const std::string& sweep, int seconds, int median) {
  RunningLease lease{sweep, 3, "busy", {sweep + "-1", sweep + "-2"}, kNow - absl::Seconds(seconds), {}};
  if (median > 0) lease.median = absl::Seconds(median);
  return lease;
}

std::string Show(const std::vector<GrantDecision>& copies) {
  return absl::StrJoin(copies, " ", [](std::string* out, const GrantDecision& copy) {
    absl::StrAppend(out, copy.worker_id, ":", absl::StrJoin(copy.task_ids, ","));
  });
}

TEST(Speculation, CopiesSlowLeasesTheSlowestFirst) {
  const struct {
    const char* intent;
    std::vector<RunningLease> leases;
    std::vector<std::string> idle;
    const char* copies;
  } table[] = {
      {"nothing runs", {}, {"w1"}, ""},
      {"no worker is idle", {Running("a", 1000, 10)}, {}, ""},
      {"three times the median is slow", {Running("a", 30, 10)}, {"w1"}, "w1:a-1,a-2"},
      {"a second less is not", {Running("a", 29, 10)}, {"w1"}, ""},
      {"short passes are given two heartbeats",
       {Running("a", 19, 1), Running("b", 20, 1)},
       {"w1", "w2"},
       "w1:b-1,b-2"},
      {"without a finished lease there is nothing to compare with", {Running("a", 9000, 0)}, {"w1"}, ""},
      {"the slowest first, as many as workers are idle",
       {Running("a", 40, 10), Running("b", 60, 10), Running("c", 50, 10)},
       {"w1", "w2"},
       "w1:b-1,b-2 w2:c-1,c-2"},
      {"nobody copies itself", {Running("a", 40, 10)}, {"busy", "w1"}, "w1:a-1,a-2"},
      {"a worker too many gets none", {Running("a", 40, 10)}, {"w1", "w2"}, "w1:a-1,a-2"},
  };
  for (const auto& row : table) {
    EXPECT_EQ(Show(DecideCopies(row.leases, row.idle, kNow, kOptions)), row.copies) << row.intent;
  }
}

TEST(Speculation, SaysWhenALeaseBecomesSlow) {
  EXPECT_EQ(SlowFrom(Running("a", 5, 10), kOptions), kNow + absl::Seconds(25));
  EXPECT_EQ(SlowFrom(Running("a", 5, 1), kOptions), kNow + absl::Seconds(15));
  EXPECT_EQ(SlowFrom(Running("a", 5, 0), kOptions), absl::InfiniteDuration());
}

}  // namespace
}  // namespace probesweep::server
