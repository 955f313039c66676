#include "server/store/postgres_database.h"

#include <gmock/gmock.h>

#include <limits>
#include <thread>

#include "absl/strings/match.h"
#include "common/status.h"
#include "server/store/migrations.h"
#include "server/store/open_store.h"
#include "tests/contract/store/postgres_fixture.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace probesweep::server {
namespace {

class PostgresDatabaseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(database_, OpenPostgres(uri_));
    ASSERT_OK(database_->Execute("CREATE TABLE t (a BIGINT UNIQUE, b TEXT, c DOUBLE PRECISION)"));
  }

  std::vector<SqlRow> Rows(const std::string& sql, const SqlRow& parameters = {}) {
    std::vector<SqlRow> rows;
    EXPECT_OK(database_->Query(sql, parameters, [&](const SqlRow& row) {
      rows.push_back(row);
      return absl::OkStatus();
    }));
    return rows;
  }

  const std::string uri_ = SharedPostgres().MakeDatabase();
  std::unique_ptr<Database> database_;
};

TEST_F(PostgresDatabaseTest, ValuesKeepTheirKindAndEveryBit) {
  const SqlRow values = {std::numeric_limits<int64_t>::min(), std::string("a'b\n"), 0.1 + 0.2};
  ASSERT_OK(database_->Execute("INSERT INTO t VALUES ($1, $2, $3)", values));
  EXPECT_EQ(Rows("SELECT a, b, c FROM t"), std::vector<SqlRow>{values});
  ASSERT_OK(database_->Execute("INSERT INTO t VALUES ($1, $2, $3)", {int64_t{0}, std::string(), SqlValue()}));
  EXPECT_EQ(Rows("SELECT b, c, 1, COUNT(*) FROM t WHERE a = $1 GROUP BY b, c", {int64_t{0}}),
            (std::vector<SqlRow>{{std::string(), SqlValue(), int64_t{1}, int64_t{1}}}));
}

TEST_F(PostgresDatabaseTest, WhatPostgresCannotKeepInATextIsReplaced) {
  ASSERT_OK(database_->Execute("INSERT INTO t (b) VALUES ($1)", {std::string("a\0b\xFFz", 5)}));
  EXPECT_EQ(Rows("SELECT b FROM t"), (std::vector<SqlRow>{{std::string("a\uFFFDb\uFFFDz")}}));
}

TEST_F(PostgresDatabaseTest, ErrorsSayWhichKindTheyAreAndLeaveTheConnectionUsable) {
  EXPECT_STATUS(database_->Execute("SELEC 1"), kInternal, "SELEC 1", "syntax error");
  ASSERT_OK(database_->Execute("INSERT INTO t VALUES (1, 'x')"));
  EXPECT_STATUS(database_->Execute("INSERT INTO t VALUES (1, 'y')"), kAlreadyExists, "unique");
  EXPECT_OK(database_->Execute("INSERT INTO t VALUES (2, 'y')"));
}

TEST_F(PostgresDatabaseTest, AFailedTransactionIsUndone) {
  const absl::Status status = database_->Transact([&]() -> absl::Status {
    PS_RETURN_IF_ERROR(database_->Execute("INSERT INTO t VALUES (1, 'x')"));
    return absl::InternalError("changed my mind");
  });
  EXPECT_STATUS(status, kInternal, "changed my mind");
  EXPECT_TRUE(Rows("SELECT a FROM t").empty());
}

// PostgreSQL answers COMMIT with success then, although it undoes everything.
TEST_F(PostgresDatabaseTest, AnErrorThatWorkOverlooksFailsTheTransaction) {
  const absl::Status status = database_->Transact([&] {
    EXPECT_OK(database_->Execute("INSERT INTO t VALUES (1, 'x')"));
    EXPECT_FALSE(database_->Execute("INSERT INTO t VALUES (1, 'y')").ok());
    return absl::OkStatus();
  });
  EXPECT_STATUS(status, kInternal, "a statement of the transaction failed");
  EXPECT_TRUE(Rows("SELECT a FROM t").empty());
}

TEST_F(PostgresDatabaseTest, ManyRowsAreWrittenInOrder) {
  std::vector<SqlRow> rows;
  for (int64_t i = 0; i < 2500; ++i) rows.push_back({i, std::string(1000, 'x')});
  ASSERT_OK(database_->ExecuteMany("INSERT INTO t (a, b) VALUES ($1, $2)", rows));
  EXPECT_EQ(Rows("SELECT COUNT(*), MAX(a) FROM t"), (std::vector<SqlRow>{{int64_t{2500}, int64_t{2499}}}));
  EXPECT_OK(database_->ExecuteMany("INSERT INTO t (a, b) VALUES ($1, $2)", {}));
}

TEST_F(PostgresDatabaseTest, OneOfManyThatFailsUndoesTheTransaction) {
  std::vector<SqlRow> rows;
  for (int64_t i = 0; i < 2500; ++i) rows.push_back({i == 1200 ? 7 : i, SqlValue()});
  const auto write = [&] { return database_->ExecuteMany("INSERT INTO t (a, b) VALUES ($1, $2)", rows); };
  EXPECT_STATUS(database_->Transact(write), kAlreadyExists, "unique");
  EXPECT_TRUE(Rows("SELECT a FROM t").empty());
  rows[1200][0] = int64_t{1200};
  EXPECT_OK(database_->Transact(write));
}

TEST_F(PostgresDatabaseTest, AnErrorOfTheRowReaderEndsTheQuery) {
  ASSERT_OK(database_->Execute("INSERT INTO t VALUES (1, 'x'), (2, 'y')"));
  int rows = 0;
  const auto stop = [&](const SqlRow&) -> absl::Status {
    ++rows;
    return absl::DataLossError("bad row");
  };
  EXPECT_STATUS(database_->Query("SELECT a FROM t", {}, stop), kDataLoss, "bad row");
  EXPECT_EQ(rows, 1);
  EXPECT_EQ(Rows("SELECT a FROM t").size(), 2u);
}

TEST_F(PostgresDatabaseTest, SeveralProcessesMayMakeTheSchemaAtATime) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      ASSERT_OK_AND_ASSIGN(const auto database, OpenPostgres(uri_));
      EXPECT_OK(Migrate(*database));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Rows("SELECT COUNT(*) = MAX(version) FROM schema_version"),
            (std::vector<SqlRow>{{std::string("t")}}));
  EXPECT_EQ(Rows("SELECT epoch FROM leadership"), (std::vector<SqlRow>{{int64_t{0}}}));
}

TEST(OpenPostgresTest, WhoCannotConnectIsToldWhereAndNeverThePassword) {
  const absl::Status status = OpenPostgres("postgresql://me:s3cret@127.0.0.1:1/db").status();
  EXPECT_STATUS(status, kUnavailable, "postgresql://me:***@127.0.0.1:1/db", "refused",
                "check that PostgreSQL runs");
  EXPECT_FALSE(absl::StrContains(status.message(), "s3cret"));
}

TEST(OpenPostgresTest, ADatabaseThatIsNotThereIsNamed) {
  testing::ManualClock clock;
  std::string uri = SharedPostgres().MakeDatabase();
  uri.replace(uri.find("test"), 4, "none");
  EXPECT_STATUS(OpenStore(uri, &clock), kUnavailable, "none", "does not exist");
}

}  // namespace
}  // namespace probesweep::server
