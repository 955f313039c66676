#include "server/store/sqlite_database.h"

#include <gtest/gtest.h>

#include <limits>

#include "common/status.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::server {
namespace {

class SqliteDatabaseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(database_, OpenSqlite(folder_.File("store.db")));
    ASSERT_OK(database_->Execute("CREATE TABLE t (a BIGINT UNIQUE, b TEXT)"));
  }

  std::vector<SqlRow> Rows(const std::string& sql, const SqlRow& parameters = {}) {
    std::vector<SqlRow> rows;
    EXPECT_OK(database_->Query(sql, parameters, [&](const SqlRow& row) {
      rows.push_back(row);
      return absl::OkStatus();
    }));
    return rows;
  }

  testing::TempDir folder_;
  std::unique_ptr<Database> database_;
};

TEST_F(SqliteDatabaseTest, CommitsAreOnTheDiskWhenTheyReturn) {
  EXPECT_EQ(Rows("PRAGMA journal_mode"), (std::vector<SqlRow>{{std::string("wal")}}));
  EXPECT_EQ(Rows("PRAGMA synchronous"), (std::vector<SqlRow>{{int64_t{2}}})) << "FULL";
}

TEST_F(SqliteDatabaseTest, ValuesKeepTheirKindAndEveryBit) {
  const SqlRow values = {std::numeric_limits<int64_t>::min(), 0.1 + 0.2, std::string("a\0'b\n", 5),
                         SqlValue(), std::string()};
  EXPECT_EQ(Rows("SELECT $1, $2, $3, $4, $5", values), std::vector<SqlRow>{values});
  EXPECT_EQ(Rows("SELECT $1, $2, $1", {int64_t{1}, int64_t{2}}),
            (std::vector<SqlRow>{{int64_t{1}, int64_t{2}, int64_t{1}}}));
}

TEST_F(SqliteDatabaseTest, ParametersOfTheLastCallAreForgotten) {
  EXPECT_EQ(Rows("SELECT $1", {int64_t{1}}), (std::vector<SqlRow>{{int64_t{1}}}));
  EXPECT_EQ(Rows("SELECT $1"), (std::vector<SqlRow>{{SqlValue()}}));
}

TEST_F(SqliteDatabaseTest, AFailedTransactionIsUndone) {
  const absl::Status status = database_->Transact([&]() -> absl::Status {
    PS_RETURN_IF_ERROR(database_->Execute("INSERT INTO t VALUES (1, 'x')"));
    return absl::InternalError("changed my mind");
  });
  EXPECT_STATUS(status, kInternal, "changed my mind");
  EXPECT_TRUE(Rows("SELECT a FROM t").empty());
  EXPECT_OK(database_->Transact([&] { return database_->Execute("INSERT INTO t VALUES (1, 'x')"); }));
  EXPECT_EQ(Rows("SELECT a FROM t").size(), 1u);
}

TEST_F(SqliteDatabaseTest, ErrorsSayWhichKindTheyAre) {
  EXPECT_STATUS(database_->Execute("SELEC 1"), kInternal, folder_.File("store.db"), "SELEC 1");
  ASSERT_OK(database_->Execute("INSERT INTO t VALUES (1, 'x')"));
  EXPECT_STATUS(database_->Execute("INSERT INTO t VALUES (1, 'y')"), kAlreadyExists, "UNIQUE");
  EXPECT_OK(database_->Execute("INSERT INTO t VALUES (2, 'y')")) << "an error leaves the connection usable";
}

TEST_F(SqliteDatabaseTest, AnErrorOfTheRowReaderEndsTheQuery) {
  ASSERT_OK(database_->Execute("INSERT INTO t VALUES (1, 'x'), (2, 'y')"));
  int rows = 0;
  const auto stop = [&](const SqlRow&) -> absl::Status {
    ++rows;
    return absl::DataLossError("bad row");
  };
  EXPECT_STATUS(database_->Query("SELECT a FROM t", {}, stop), kDataLoss, "bad row");
  EXPECT_EQ(rows, 1);
  EXPECT_EQ(Rows("SELECT a FROM t").size(), 2u) << "the statement starts anew";
}

TEST_F(SqliteDatabaseTest, AReaderSeesTheLastCommitWhileAnotherConnectionWrites) {
  ASSERT_OK_AND_ASSIGN(const auto reader, OpenSqlite(folder_.File("store.db")));
  const auto count = [&] {
    int64_t n = -1;
    EXPECT_OK(reader->Query("SELECT COUNT(*) FROM t", {}, [&](const SqlRow& row) {
      n = std::get<int64_t>(row[0]);
      return absl::OkStatus();
    }));
    return n;
  };
  ASSERT_OK(database_->Transact([&]() -> absl::Status {
    PS_RETURN_IF_ERROR(database_->Execute("INSERT INTO t VALUES (1, 'x')"));
    EXPECT_EQ(count(), 0);
    return absl::OkStatus();
  }));
  EXPECT_EQ(count(), 1);
}

TEST(OpenSqlite, AFolderThatIsNotThereIsNamed) {
  testing::TempDir folder;
  EXPECT_STATUS(OpenSqlite(folder.File("none/store.db")), kFailedPrecondition, "none/store.db", "--store");
}

}  // namespace
}  // namespace probesweep::server
