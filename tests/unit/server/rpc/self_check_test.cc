#include "server/rpc/self_check.h"

#include <deque>

#include "tests/support/status_matchers.h"

namespace probesweep::server {
namespace {

// Runs the check once for each answer, '.' heard and 'x' not; how often the process would have ended.
int Deaths(const std::string& answers) {
  std::deque<char> left(answers.begin(), answers.end());
  int deaths = 0;
  SelfCheck check(
      [&left] {
        const char answer = left.front();
        left.pop_front();
        return answer == '.' ? absl::OkStatus() : absl::DeadlineExceededError("deaf");
      },
      [&deaths](const absl::Status& status) {
        EXPECT_STATUS(status, kDeadlineExceeded, "deaf");
        ++deaths;
      });
  for (size_t i = 0; i < answers.size(); ++i) check.Run();
  return deaths;
}

TEST(SelfCheckTest, OnlyFailuresInARowEndTheProcess) {
  EXPECT_EQ(Deaths("...."), 0);
  EXPECT_EQ(Deaths("xx.xx.xx"), 0);
  EXPECT_EQ(Deaths("xxx"), 1);
  EXPECT_EQ(Deaths("..xxx"), 1);
  EXPECT_EQ(Deaths("xxxxx"), 1);
}

}  // namespace
}  // namespace probesweep::server
