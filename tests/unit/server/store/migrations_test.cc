#include "server/store/migrations.h"

#include <gtest/gtest.h>

#include "common/status.h"
#include "server/store/sqlite_database.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::server {
namespace {

class MigrationsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_OK_AND_ASSIGN(database_, OpenSqlite(folder_.File("store.db"))); }

  // A store of an earlier release; of its tables only what later steps change and the test does not make
  // itself.
  void BeginAtVersion(int64_t version) {
    ASSERT_OK(database_->Execute("CREATE TABLE schema_version (version BIGINT NOT NULL)"));
    ASSERT_OK(database_->Execute("INSERT INTO schema_version (version) VALUES ($1)", {version}));
    ASSERT_OK(database_->Execute("CREATE TABLE tasks (id TEXT PRIMARY KEY, epoch BIGINT NOT NULL)"));
    ASSERT_OK(database_->Execute("INSERT INTO tasks VALUES ('t', 7)"));
  }

  int64_t Number(const std::string& sql) {
    int64_t number = -1;
    EXPECT_OK(database_->Query(sql, {}, [&](const SqlRow& row) {
      number = std::get<int64_t>(row[0]);
      return absl::OkStatus();
    }));
    return number;
  }

  testing::TempDir folder_;
  std::unique_ptr<Database> database_;
};

TEST_F(MigrationsTest, MakesTheSchemaOnceAndKeepsWhatIsInIt) {
  ASSERT_OK(Migrate(*database_));
  EXPECT_EQ(Number("SELECT MAX(version) FROM schema_version"), 7);
  ASSERT_OK(database_->Execute("INSERT INTO outcomes (reuse_key, created_us) VALUES ('k', 1)"));
  ASSERT_OK(Migrate(*database_));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM schema_version"), 7);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM outcomes"), 1);
}

TEST_F(MigrationsTest, OutcomesOfTheFirstVersionAreKeptAsOfUnknownWeights) {
  BeginAtVersion(1);
  ASSERT_OK(
      database_->Execute("CREATE TABLE outcomes (reuse_key TEXT PRIMARY KEY, created_us BIGINT NOT NULL)"));
  ASSERT_OK(database_->Execute("INSERT INTO outcomes (reuse_key, created_us) VALUES ('k', 1)"));
  ASSERT_OK(Migrate(*database_));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM outcomes WHERE reuse_key = 'k' AND checkpoint_digest = ''"), 1);
}

TEST_F(MigrationsTest, OutcomesOfTheSecondVersionAreKeptAsOfUnknownProvenance) {
  BeginAtVersion(2);
  ASSERT_OK(
      database_->Execute("CREATE TABLE outcomes (reuse_key TEXT PRIMARY KEY, created_us BIGINT NOT NULL, "
                         "checkpoint_digest TEXT NOT NULL DEFAULT '')"));
  ASSERT_OK(database_->Execute("INSERT INTO outcomes VALUES ('k', 1, 'weights')"));
  ASSERT_OK(Migrate(*database_));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM outcomes WHERE checkpoint_digest = 'weights' AND "
                   "tokenizer_digest = '' AND dataset_digest = '' AND configuration = '' AND "
                   "engine_version = '' AND device = '' AND dtype = ''"),
            1);
}

TEST_F(MigrationsTest, TheOneLeaseOfATaskOfTheThirdVersionIsOfTheTasksEpoch) {
  BeginAtVersion(3);
  ASSERT_OK(Migrate(*database_));
  EXPECT_EQ(Number("SELECT lease_epoch FROM tasks WHERE copy_lease_id = '' AND copy_epoch = 0"), 7);
}

TEST_F(MigrationsTest, NobodyLeadsAtFirst) {
  ASSERT_OK(Migrate(*database_));
  EXPECT_EQ(Number("SELECT epoch FROM leadership WHERE id = 1 AND holder = '' AND renewals = 0"), 0);
}

TEST_F(MigrationsTest, RefusesWhatANewerReleaseWrote) {
  ASSERT_OK(Migrate(*database_));
  ASSERT_OK(database_->Execute("INSERT INTO schema_version (version) VALUES (999)"));
  EXPECT_STATUS(Migrate(*database_), kFailedPrecondition, "version 999", "only up to 7", "newer release");
}

TEST_F(MigrationsTest, AStepThatFailsLeavesNoneOfItsTables) {
  ASSERT_OK(database_->Execute("CREATE TABLE workers (id TEXT)"));  // the step's last table is in the way
  EXPECT_FALSE(Migrate(*database_).ok());
  EXPECT_EQ(Number("SELECT COUNT(*) FROM sqlite_master WHERE name = 'sweeps'"), 0);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM schema_version"), 0);
}

}  // namespace
}  // namespace probesweep::server
