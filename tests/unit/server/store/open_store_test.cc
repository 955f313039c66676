#include "server/store/open_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "common/file.h"
#include "server/store/sqlite_database.h"
#include "tests/support/fake_clock.h"
#include "tests/support/ordinary_user.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::server {
namespace {

class OpenStoreTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& name) {
    return OpenStore("sqlite://" + folder_.File(name), &clock_);
  }

  testing::TempDir folder_;
  testing::ManualClock clock_;
};

TEST_F(OpenStoreTest, MakesTheFoldersAndTheFile) {
  ASSERT_OK_AND_ASSIGN(const auto store, Open("new/folder/store.db"));
  EXPECT_OK(store->Load());
  EXPECT_TRUE(std::filesystem::exists(folder_.File("new/folder/store.db")));
}

TEST_F(OpenStoreTest, AskingWhetherTheStoreIsWritableLeavesNoTraceInTheFile) {
  {
    ASSERT_OK_AND_ASSIGN(const auto store, Open("store.db"));
    for (int i = 0; i < 3; ++i) EXPECT_OK(store->CheckWritable());
  }
  ASSERT_OK_AND_ASSIGN(const auto database, OpenSqlite(folder_.File("store.db")));
  EXPECT_OK(database->Query("SELECT version FROM schema_version", {}, [](const SqlRow& row) {
    EXPECT_GT(std::get<int64_t>(row[0]), 0);
    return absl::OkStatus();
  }));
}

TEST_F(OpenStoreTest, ResultsThatAnEarlierReleaseStoredRowByRowAreRead) {
  ASSERT_OK(Open("store.db"));
  {
    ASSERT_OK_AND_ASSIGN(const auto database, OpenSqlite(folder_.File("store.db")));
    for (const char* sql :
         {"INSERT INTO outcomes (reuse_key, created_us) VALUES ('key', 1)",
          "INSERT INTO results VALUES ('key', 1, 0, 'released', '{\"accuracy\":0.75}')",
          "INSERT INTO results VALUES ('key', 0, 3, 'released', '{\"accuracy\":0.5,\"mi_tx\":1e-300}')"}) {
      ASSERT_OK(database->Execute(sql));
    }
  }
  ASSERT_OK_AND_ASSIGN(const auto store, Open("store.db"));
  ASSERT_OK_AND_ASSIGN(const Outcome outcome, store->ReadOutcome("key"));
  ASSERT_EQ(outcome.rows.size(), 2u);
  EXPECT_EQ(outcome.rows[0].layer, 3);
  EXPECT_EQ(outcome.rows[0].values, (ResultValues{{"accuracy", 0.5}, {"mi_tx", 1e-300}}));
  EXPECT_EQ(outcome.rows[1].values, (ResultValues{{"accuracy", 0.75}}));
}

TEST_F(OpenStoreTest, OtherUrisAreRefusedWithTheOneToWrite) {
  for (const char* uri : {"", "store.db", "/store.db", "sqlite:store.db", "sqlite://store.db", "sqlite:///",
                          "sqlite:///folder/", "mysql:///x"}) {
    EXPECT_STATUS(OpenStore(uri, &clock_), kInvalidArgument, uri, "sqlite:///absolute/path");
  }
}

TEST_F(OpenStoreTest, ASecondCoordinatorIsRefusedUntilTheFirstIsGone) {
  {
    ASSERT_OK_AND_ASSIGN(const auto store, Open("store.db"));
    EXPECT_STATUS(Open("store.db"), kFailedPrecondition, "locked by another coordinator", "--store");
  }
  EXPECT_OK(Open("store.db"));
}

TEST_F(OpenStoreTest, AFileThatIsNoDatabaseIsRefusedAndLeftAsItIs) {
  for (const std::string& content : {std::string("not a database"), std::string(5000, 'x')}) {
    ASSERT_OK(WriteFileAtomically(folder_.File("store.db"), content));
    EXPECT_STATUS(Open("store.db"), kDataLoss, folder_.File("store.db"), "backup");
    ASSERT_OK_AND_ASSIGN(const std::string after, ReadFile(folder_.File("store.db")));
    EXPECT_EQ(after, content);
  }
}

TEST_F(OpenStoreTest, ADatabaseCutShortIsDataLossWhenItIsRead) {
  {
    ASSERT_OK_AND_ASSIGN(const auto store, Open("store.db"));
    Worker worker;
    worker.id = std::string(20000, 'w');
    ChangeSet changes;
    changes.workers = {worker};
    ASSERT_OK(store->Commit(changes));
  }
  const auto size = std::filesystem::file_size(folder_.File("store.db"));
  std::filesystem::resize_file(folder_.File("store.db"), size - 8192);
  const auto store = Open("store.db");
  EXPECT_STATUS(store.ok() ? (*store)->Load().status() : store.status(), kDataLoss, folder_.File("store.db"));
}

TEST_F(OpenStoreTest, WhatANewerReleaseWroteIsRefused) {
  EXPECT_OK(Open("store.db"));
  {
    ASSERT_OK_AND_ASSIGN(const auto database, OpenSqlite(folder_.File("store.db")));
    ASSERT_OK(database->Execute("INSERT INTO schema_version (version) VALUES (999)"));
  }
  EXPECT_STATUS(Open("store.db"), kFailedPrecondition, folder_.File("store.db"), "version 999",
                "newer release");
}

TEST_F(OpenStoreTest, AFolderThatMayNotBeWrittenIsNamed) {
  ASSERT_OK(MakeFolders(folder_.File("closed")));
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
  ASSERT_EQ(::chmod(folder_.File("closed").c_str(), 0555), 0);
  testing::AsOrdinaryUser ordinary;
  for (const char* name : {"closed/store.db", "closed/below/store.db"}) {
    EXPECT_STATUS(Open(name), kFailedPrecondition, folder_.File(name), "Permission denied", "--store");
  }
}

TEST_F(OpenStoreTest, AFileThatMayNotBeWrittenIsNamed) {
  EXPECT_OK(Open("store.db"));
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0777), 0);
  ASSERT_EQ(::chmod(folder_.File("store.db").c_str(), 0444), 0);
  std::filesystem::remove(folder_.File("store.db.lock"));
  testing::AsOrdinaryUser ordinary;
  EXPECT_STATUS(Open("store.db"), kFailedPrecondition, folder_.File("store.db"), "--store");
}

TEST_F(OpenStoreTest, AFileInTheWayOfTheFolderIsNamed) {
  ASSERT_OK(WriteFileAtomically(folder_.File("file"), ""));
  EXPECT_STATUS(Open("file/store.db"), kFailedPrecondition, folder_.File("file"), "--store");
}

}  // namespace
}  // namespace probesweep::server
