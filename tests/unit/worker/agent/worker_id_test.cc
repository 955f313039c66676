#include "worker/agent/worker_id.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::worker {
namespace {

TEST(WorkerSlot, TwoWorkersOfAHostDifferAndARestartedOneIsTheSame) {
  testing::TempDir dir;
  ASSERT_OK_AND_ASSIGN(auto first, WorkerSlot::Claim(dir.path(), "node7", "cuda:0"));
  ASSERT_OK_AND_ASSIGN(auto second, WorkerSlot::Claim(dir.path(), "node7", "cuda:0"));
  EXPECT_EQ(first->worker_id(), "node7-cuda0-0");
  EXPECT_EQ(second->worker_id(), "node7-cuda0-1");
  first.reset();
  ASSERT_OK_AND_ASSIGN(auto restarted, WorkerSlot::Claim(dir.path(), "node7", "cuda:0"));
  EXPECT_EQ(restarted->worker_id(), "node7-cuda0-0");
}

TEST(DefaultSpoolFolder, IsBelowTheStateFolderAndOfOneIdWhateverItIs) {
  ::setenv("XDG_STATE_HOME", "/state", 1);
  EXPECT_EQ(DefaultSpoolFolder("node7-cuda0-0"), "/state/probesweep/spool/node7-cuda0-0");
  EXPECT_EQ(DefaultSpoolFolder("../a b"), "/state/probesweep/spool/%2E.%2Fa%20b");
  ::unsetenv("XDG_STATE_HOME");
  ::setenv("HOME", "/home/ada", 1);
  EXPECT_EQ(DefaultSpoolFolder("w"), "/home/ada/.local/state/probesweep/spool/w");
}

TEST(WorkerSlot, NamesTheFolderThatCannotBeMade) {
  EXPECT_STATUS(WorkerSlot::Claim("/proc/nowhere", "h", "cpu"), kNotFound, "/proc/nowhere");
}

}  // namespace
}  // namespace probesweep::worker
