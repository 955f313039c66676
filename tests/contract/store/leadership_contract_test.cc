// Who may write, whichever database the coordinators share (server/store/leadership.h).
#include <gmock/gmock.h>

#include <functional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "server/store/leadership.h"
#include "server/store/migrations.h"
#include "server/store/postgres_database.h"
#include "server/store/sql_store.h"
#include "server/store/sqlite_database.h"
#include "tests/contract/store/postgres_fixture.h"
#include "tests/support/fake_clock.h"
#include "tests/support/sample_sweeps.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::server {
namespace {

using ::testing::IsEmpty;

// A database that several coordinators open.
using OpenDatabase = std::function<absl::StatusOr<std::unique_ptr<Database>>()>;
struct SharedDatabase {
  std::string name;
  std::function<OpenDatabase()> make;  // fresh and empty
};

OpenDatabase MakeSqlite() {
  auto folder = std::make_shared<testing::TempDir>();
  return [folder] { return OpenSqlite(folder->File("store.db")); };
}

OpenDatabase MakePostgres() {
  return [uri = SharedPostgres().MakeDatabase()] { return OpenPostgres(uri); };
}

class LeadershipContract : public ::testing::TestWithParam<SharedDatabase> {
 protected:
  LeadershipContract() : open_(GetParam().make()) { EXPECT_OK(Migrate(*OpenOne())); }

  std::unique_ptr<Database> OpenOne() {
    auto opened = open_();
    EXPECT_OK(opened);
    return *std::move(opened);
  }

  std::unique_ptr<Leadership> Candidate(const std::string& holder) {
    return std::make_unique<Leadership>(OpenOne(), holder, &clock_);
  }

  std::unique_ptr<SqlStore> OpenStoreOf(const std::string& holder) {
    return std::make_unique<SqlStore>(SqlStore::Parts{nullptr, OpenOne(), OpenOne(), Candidate(holder)},
                                      &clock_);
  }

  static bool TryLead(Leadership& candidate) {
    const absl::StatusOr<bool> leads = candidate.TryLead();
    EXPECT_OK(leads);
    return leads.value_or(false);
  }

  // Looks every second until `candidate` leads.
  absl::Duration TimeUntilItLeads(Leadership& candidate) {
    absl::Duration waited;
    while (!TryLead(candidate) && waited < absl::Minutes(1)) {
      clock_.Advance(absl::Seconds(1));
      waited += absl::Seconds(1);
    }
    return waited;
  }

  static ChangeSet AWorker(const std::string& id) {
    ChangeSet changes;
    changes.workers.resize(1);
    changes.workers[0].id = id;
    return changes;
  }

  testing::ManualClock clock_;
  const OpenDatabase open_;
};

TEST_P(LeadershipContract, WhoComesFirstLeadsAtOnce) {
  const auto a = Candidate("a"), b = Candidate("b");
  EXPECT_EQ(a->epoch(), 0);
  EXPECT_TRUE(TryLead(*a));
  EXPECT_EQ(a->epoch(), 1);
  EXPECT_TRUE(TryLead(*a)) << "and goes on";
  EXPECT_EQ(a->epoch(), 1);
  EXPECT_FALSE(TryLead(*b));
  EXPECT_EQ(b->epoch(), 0);
}

TEST_P(LeadershipContract, ALeaderThatRenewsIsNotReplaced) {
  const auto a = Candidate("a"), b = Candidate("b");
  ASSERT_TRUE(TryLead(*a));
  for (int second = 0; second < 60; ++second) {
    if (second % 9 == 0) {
      EXPECT_OK(a->Renew());
    }
    EXPECT_FALSE(TryLead(*b));
    clock_.Advance(absl::Seconds(1));
  }
}

TEST_P(LeadershipContract, ASilentLeaderIsReplacedAfterTenSeconds) {
  const auto a = Candidate("a"), b = Candidate("b");
  ASSERT_TRUE(TryLead(*a));
  EXPECT_EQ(TimeUntilItLeads(*b), absl::Seconds(10));
  EXPECT_EQ(b->epoch(), 2);
  EXPECT_STATUS(a->Renew(), kFailedPrecondition, "another coordinator, b, leads since epoch 2");
  EXPECT_OK(b->Renew());
}

TEST_P(LeadershipContract, ALeaderWhoseProcessIsKnownToHaveEndedIsReplacedAtOnce) {
  std::string ended = "nobody";
  const auto candidate = [&](const std::string& process) {
    LeadershipOptions options;
    options.process = process;
    options.has_ended = [&ended](const std::string& asked_for) { return asked_for == ended; };
    return Leadership(OpenOne(), "host", &clock_, options);
  };
  Leadership a = candidate("first"), b = candidate("second"), c = candidate("third");
  ASSERT_TRUE(TryLead(a));
  EXPECT_FALSE(TryLead(b));
  ended = "first";
  EXPECT_TRUE(TryLead(b));
  EXPECT_EQ(b.epoch(), 2);
  EXPECT_FALSE(TryLead(c)) << "the record names its new leader's process";
  EXPECT_STATUS(a.Renew(), kFailedPrecondition, "leads since epoch 2");
}

TEST_P(LeadershipContract, AStandbyThatSleptWatchesAnew) {
  const auto a = Candidate("a"), b = Candidate("b");
  ASSERT_TRUE(TryLead(*a));
  EXPECT_FALSE(TryLead(*b));
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(TimeUntilItLeads(*b), absl::Seconds(10));
}

TEST_P(LeadershipContract, WhoLetsGoIsReplacedAtOnceAndWritesNoMore) {
  const auto a = OpenStoreOf("a");
  const auto b = Candidate("b");
  ASSERT_TRUE(TryLead(a->leadership()));
  ASSERT_OK(a->leadership().Release());
  EXPECT_STATUS(a->Commit(AWorker("w")), kFailedPrecondition, "does not lead");
  EXPECT_TRUE(TryLead(*b));
  EXPECT_EQ(b->epoch(), 2);
}

TEST_P(LeadershipContract, LettingGoOfWhatAnotherLeadsChangesNothing) {
  const auto a = Candidate("a"), b = Candidate("b"), c = Candidate("c");
  ASSERT_TRUE(TryLead(*a));
  ASSERT_EQ(TimeUntilItLeads(*b), absl::Seconds(10));
  EXPECT_OK(a->Release());
  EXPECT_FALSE(TryLead(*c));
  EXPECT_OK(b->Renew());
}

TEST_P(LeadershipContract, OfManyThatTryAtOnceOneLeads) {
  std::vector<std::unique_ptr<Leadership>> candidates;
  for (int i = 0; i < 6; ++i) candidates.push_back(Candidate(absl::StrCat("c", i)));
  for (int round = 1; round <= 5; ++round) {
    std::atomic<int> leaders{0};
    std::vector<std::thread> threads;
    for (const auto& candidate : candidates) {
      threads.emplace_back([&] { leaders += TryLead(*candidate) ? 1 : 0; });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(leaders, 1);
    for (const auto& candidate : candidates) {
      if (candidate->epoch() == 0) continue;
      EXPECT_EQ(candidate->epoch(), round);
      EXPECT_OK(candidate->Release());
    }
  }
}

TEST_P(LeadershipContract, AnOldEpochChangesNothingAndReadsNothingToActOn) {
  const auto a = OpenStoreOf("a"), b = OpenStoreOf("b");
  ASSERT_TRUE(TryLead(a->leadership()));
  ASSERT_OK(a->Commit(AWorker("before")));
  ASSERT_EQ(TimeUntilItLeads(b->leadership()), absl::Seconds(10));
  EXPECT_STATUS(a->Commit(AWorker("after")), kFailedPrecondition,
                "another coordinator, b, leads since epoch 2");
  EXPECT_STATUS(a->CheckWritable(), kFailedPrecondition, "epoch 2");
  EXPECT_STATUS(a->Load(), kFailedPrecondition, "epoch 2");
  ASSERT_OK(b->Commit(AWorker("new")));
  ASSERT_OK_AND_ASSIGN(const StoredState state, b->Load());
  ASSERT_EQ(state.workers.size(), 2u);
  EXPECT_EQ(state.workers[0].id, "before");
  EXPECT_EQ(state.workers[1].id, "new");
}

TEST_P(LeadershipContract, AStandbyWritesNothing) {
  const auto a = OpenStoreOf("a");
  EXPECT_STATUS(a->Commit(AWorker("w")), kFailedPrecondition, "does not lead");
  ASSERT_TRUE(TryLead(a->leadership()));
  ASSERT_OK_AND_ASSIGN(const StoredState state, a->Load());
  EXPECT_THAT(state.workers, IsEmpty());
}

TEST_P(LeadershipContract, ACommitShowsThatTheLeaderLives) {
  const auto a = OpenStoreOf("a");
  const auto b = Candidate("b");
  ASSERT_TRUE(TryLead(a->leadership()));
  for (int second = 0; second < 30; ++second) {
    if (second % 9 == 0) {
      EXPECT_OK(a->Commit(AWorker("w")));
    }
    EXPECT_FALSE(TryLead(*b));
    clock_.Advance(absl::Seconds(1));
  }
}

// A leader that is slow, not dead: who takes over waits for what it began, then sees that it lives.
TEST_P(LeadershipContract, NobodyTakesOverInTheMiddleOfATransaction) {
  const auto a = Candidate("a"), b = Candidate("b");
  ASSERT_TRUE(TryLead(*a));
  ASSERT_FALSE(TryLead(*b));
  for (int second = 0; second < 10; ++second) {
    ASSERT_FALSE(TryLead(*b));
    clock_.Advance(absl::Seconds(1));
  }
  const auto writer = OpenOne();
  std::thread standby;
  EXPECT_OK(writer->Transact([&] {
    const absl::Status holds = HoldLeadership(*writer, a->epoch());
    standby = std::thread([&] { EXPECT_FALSE(TryLead(*b)); });
    absl::SleepFor(absl::Milliseconds(200));  // it waits for the record's lock, or for the file's
    EXPECT_EQ(b->epoch(), 0);
    return holds;
  }));
  standby.join();
  EXPECT_OK(a->Renew());
}

INSTANTIATE_TEST_SUITE_P(Databases, LeadershipContract,
                         ::testing::Values(SharedDatabase{"Sqlite", MakeSqlite},
                                           SharedDatabase{"Postgres", MakePostgres}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace probesweep::server
