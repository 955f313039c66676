// A PostgreSQL server that dies, is silent or refuses: what the store says, and that it loses nothing.
#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status.h"
#include "server/store/open_store.h"
#include "server/store/postgres_database.h"
#include "tests/contract/store/postgres_fixture.h"
#include "tests/support/fake_clock.h"
#include "tests/support/sample_sweeps.h"
#include "tests/support/status_matchers.h"

namespace probesweep::server {
namespace {

class PostgresRecovery : public ::testing::Test {
 protected:
  std::unique_ptr<Database> OpenOne(absl::Duration silence = absl::Seconds(8)) {
    auto opened = OpenPostgres(uri_, PostgresOptions{silence});
    EXPECT_OK(opened);
    return *std::move(opened);
  }

  static int64_t Count(Database& database) {
    int64_t count = -1;
    EXPECT_OK(database.Query("SELECT COUNT(*) FROM t", {}, [&](const SqlRow& row) {
      count = std::get<int64_t>(row[0]);
      return absl::OkStatus();
    }));
    return count;
  }

  void RestartAtOnce() {
    server_.StopAtOnce();
    server_.Start();
  }

  testing::PostgresServer& server_ = SharedPostgres();
  const std::string uri_ = server_.MakeDatabase();
  testing::ManualClock clock_;
};

// One result and its task a change, as the coordinator's.
ChangeSet Change(int i) {
  ChangeSet changes;
  Task task;
  task.id = absl::StrCat("task", i);
  task.sweep_id = "s";
  task.checkpoint = i;
  task.reuse_key = absl::StrCat("key", i);
  task.state = TaskState::kDone;
  changes.tasks = {task};
  changes.outcomes = {{task.reuse_key, testing::SampleOutcome()}};
  return changes;
}

TEST_F(PostgresRecovery, RestartsInTheMiddleOfCommitsLoseNothingAcknowledged) {
  ASSERT_OK_AND_ASSIGN(const auto store, OpenStore(uri_, &clock_));
  ASSERT_OK(store->leadership().Lead());
  Sweep sweep;
  sweep.id = "s";
  sweep.spec = testing::SampleSpec();
  ChangeSet first;
  first.sweeps = {sweep};
  ASSERT_OK(store->Commit(first));

  std::atomic<bool> stop{false};
  std::atomic<int> acknowledged{0}, refused{0};
  std::thread committer([&] {
    for (int i = 0; !stop; ++i) {
      absl::Status status;
      while (!(status = store->Commit(Change(i))).ok()) {
        EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
        ++refused;
        absl::SleepFor(absl::Milliseconds(5));
      }
      ++acknowledged;
    }
  });
  for (int restart = 0; restart < 5; ++restart) {
    const int before = acknowledged;
    EXPECT_TRUE(testing::Eventually([&] { return acknowledged > before + 20; }));
    RestartAtOnce();
  }
  stop = true;
  committer.join();

  EXPECT_GT(refused, 0) << "no restart met a commit";
  ASSERT_OK_AND_ASSIGN(const StoredState state, store->Load());
  std::set<std::string> done;
  for (const Task& task : state.tasks) done.insert(task.id);
  EXPECT_EQ(done.size(), static_cast<size_t>(acknowledged));
  for (int i = 0; i < acknowledged; ++i) {
    EXPECT_EQ(done.count(absl::StrCat("task", i)), 1u);
    EXPECT_OK(store->ReadOutcome(absl::StrCat("key", i)));
  }
}

TEST_F(PostgresRecovery, AnIdleConnectionThatTheServerClosedIsMadeAnew) {
  const auto database = OpenOne();
  ASSERT_OK(database->Execute("CREATE TABLE t (a BIGINT)"));
  ASSERT_OK(database->Execute("INSERT INTO t VALUES ($1)", {int64_t{1}}));
  RestartAtOnce();
  EXPECT_OK(database->Transact([&] { return database->Execute("INSERT INTO t VALUES ($1)", {int64_t{2}}); }));
  RestartAtOnce();
  EXPECT_EQ(Count(*database), 2);
}

TEST_F(PostgresRecovery, ATransactionThatTheServerForgotIsNotGoneOnWith) {
  const auto database = OpenOne();
  ASSERT_OK(database->Execute("CREATE TABLE t (a BIGINT)"));
  EXPECT_STATUS(database->Transact([&]() -> absl::Status {
    EXPECT_OK(database->Execute("INSERT INTO t VALUES (1)"));
    RestartAtOnce();
    EXPECT_STATUS(database->Execute("INSERT INTO t VALUES (2)"), kUnavailable, "");
    return database->Execute("INSERT INTO t VALUES (3)");
  }),
                kUnavailable, "in the middle of a transaction");
  EXPECT_EQ(Count(*database), 0);
}

TEST_F(PostgresRecovery, ASilentServerIsNotWaitedForLong) {
  const auto database = OpenOne(absl::Milliseconds(300));
  ASSERT_OK(database->Execute("CREATE TABLE t (a BIGINT)"));
  server_.Pause();
  const absl::Time start = absl::Now();
  EXPECT_STATUS(database->Execute("INSERT INTO t VALUES (1)"), kUnavailable, "did not answer for 300ms");
  EXPECT_STATUS(database->Execute("INSERT INTO t VALUES (1)"), kUnavailable, "cannot connect");
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
  server_.Resume();
  EXPECT_TRUE(testing::Eventually([&] { return database->Execute("SELECT 1").ok(); }));
}

// A leader stopped in the middle of a transaction holds the record's lock.
TEST_F(PostgresRecovery, WhoSleepsInATransactionKeepsNobodyFromLeading) {
  ASSERT_OK_AND_ASSIGN(const auto old_store, OpenStore(uri_, &clock_));
  ASSERT_OK_AND_ASSIGN(const auto new_store, OpenStore(uri_, &clock_));
  ASSERT_OK(old_store->leadership().Lead());
  const auto old_writer = OpenOne();
  const absl::Status status = old_writer->Transact([&]() -> absl::Status {
    PS_RETURN_IF_ERROR(HoldLeadership(*old_writer, old_store->leadership().epoch()));
    const absl::Time start = absl::Now();
    EXPECT_TRUE(testing::Eventually([&] { return new_store->leadership().Lead().ok(); }));
    EXPECT_LT(absl::Now() - start, absl::Seconds(15));
    return old_writer->Execute("DELETE FROM workers");
  });
  EXPECT_STATUS(status, kUnavailable, "");
  EXPECT_STATUS(old_store->CheckWritable(), kFailedPrecondition, "leads since epoch 2");
}

TEST_F(PostgresRecovery, CommitsAreDurableWhateverTheDatabasesDefaultIs) {
  server_.Execute(uri_, "ALTER DATABASE " +
                            uri_.substr(uri_.find("test"), uri_.find('?') - uri_.find("test")) +
                            " SET synchronous_commit = off");
  const auto database = OpenOne();
  std::string setting;
  ASSERT_OK(database->Query("SHOW synchronous_commit", {}, [&](const SqlRow& row) {
    setting = std::get<std::string>(row[0]);
    return absl::OkStatus();
  }));
  EXPECT_EQ(setting, "on");
}

}  // namespace
}  // namespace probesweep::server
