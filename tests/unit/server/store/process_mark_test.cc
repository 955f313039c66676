#include "server/store/process_mark.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace probesweep::server {
namespace {

// The mark of a child that has ended; reaped or not.
std::string MarkOfAnEndedChild(bool reap) {
  int pipe_ends[2];
  EXPECT_EQ(::pipe(pipe_ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string mark = ThisProcessMark();
    (void)!::write(pipe_ends[1], mark.data(), mark.size());
    ::_exit(0);
  }
  ::close(pipe_ends[1]);
  std::string mark;
  char buffer[256];
  for (ssize_t size; (size = ::read(pipe_ends[0], buffer, sizeof buffer)) > 0;) {
    mark.append(buffer, static_cast<size_t>(size));
  }
  ::close(pipe_ends[0]);
  siginfo_t ended;
  EXPECT_EQ(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | (reap ? 0 : WNOWAIT)), 0);
  return mark;
}

TEST(ProcessMark, AProcessThatLivesHasNotEnded) { EXPECT_FALSE(HasEnded(ThisProcessMark())); }

TEST(ProcessMark, AProcessThatIsGoneHasEnded) {
  const std::string mark = MarkOfAnEndedChild(/*reap=*/true);
  ASSERT_NE(mark, "");
  EXPECT_TRUE(HasEnded(mark));
}

TEST(ProcessMark, AProcessThatNobodyHasReapedYetHasEnded) {
  EXPECT_TRUE(HasEnded(MarkOfAnEndedChild(/*reap=*/false)));
}

TEST(ProcessMark, AnotherProcessUnderItsIdIsNotTheSame) {
  const std::string mark = ThisProcessMark();
  EXPECT_TRUE(HasEnded(mark + "1")) << "the same id, started at another time";
}

TEST(ProcessMark, OfAnotherMachineOrBootNothingIsKnown) {
  const std::string gone = MarkOfAnEndedChild(/*reap=*/true);
  EXPECT_FALSE(HasEnded("another" + gone));
  EXPECT_FALSE(HasEnded("")) << "as releases recorded it that had no marks";
  EXPECT_FALSE(HasEnded("host:17"));
}

}  // namespace
}  // namespace probesweep::server
