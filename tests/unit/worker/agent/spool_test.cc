#include "worker/agent/spool.h"

#include <gtest/gtest.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"
#include "tests/unit/worker/agent/spool_files.h"

namespace probesweep::worker {
namespace {

void Overwrite(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

class SpoolTest : public ::testing::Test {
 protected:
  std::unique_ptr<Spool> Open(uint64_t limit_bytes = 1 << 20) {
    absl::StatusOr<std::unique_ptr<Spool>> spool = Spool::Open({folder_.path(), limit_bytes});
    EXPECT_OK(spool);
    return *std::move(spool);
  }
  Outcome Commit() const { return CommitOutcome(Worker(), grant_, grant_.tasks(0), result_); }

  testing::TempDir folder_;
  const DimensionResult result_ = ResultWithArtifacts();
  const v1::Grant grant_ = MakeGrant("lease-1", {"truth"});
};

TEST_F(SpoolTest, GivesBackWhatWasAdded) {
  const auto spool = Open();
  ASSERT_OK_AND_ASSIGN(const Spool::Entry entry, spool->Add(Commit()));
  ASSERT_OK_AND_ASSIGN(const Outcome loaded, spool->Load(entry));
  ASSERT_NE(loaded.commit(), nullptr);
  EXPECT_EQ(loaded.worker().incarnation(), "inc-former");
  EXPECT_EQ(loaded.commit()->epoch(), 3);
  EXPECT_EQ(loaded.commit()->results(0).values().at("accuracy"), 0.75);
  ASSERT_OK_AND_ASSIGN(const absl::string_view second, loaded.artifacts->Read(1));
  EXPECT_EQ(second, result_.artifacts[1].bytes);
  ASSERT_OK_AND_ASSIGN(const absl::string_view first, loaded.artifacts->Read(0));
  EXPECT_EQ(first, result_.artifacts[0].bytes);
}

TEST_F(SpoolTest, GivesBackAFailure) {
  const auto spool = Open();
  ASSERT_OK_AND_ASSIGN(
      const Spool::Entry entry,
      spool->Add(FailureOutcome(Worker(), grant_, grant_.tasks(0), absl::DataLossError("layer 3 has NaN"))));
  ASSERT_OK_AND_ASSIGN(const Outcome loaded, spool->Load(entry));
  ASSERT_EQ(loaded.commit(), nullptr);
  const auto& failure = std::get<v1::FailTaskRequest>(loaded.request);
  EXPECT_EQ(failure.kind(), v1::FAILURE_KIND_CHECKPOINT_CORRUPT);
  EXPECT_EQ(failure.error(), "layer 3 has NaN");
  EXPECT_EQ(loaded.lease_id(), "lease-1");
}

TEST_F(SpoolTest, TheNextProcessFindsThemOldestFirstAndGoesOnCounting) {
  {
    const auto spool = Open();
    for (int i = 0; i < 3; ++i) ASSERT_OK(spool->Add(Commit()));
    ASSERT_OK_AND_ASSIGN(const Spool::Entry last, spool->Add(Commit()));
    spool->Remove(last);
  }
  const auto spool = Open();
  ASSERT_EQ(spool->found().size(), 3u);
  EXPECT_EQ(spool->found()[0].path, folder_.File("outcome-000000000001"));
  EXPECT_EQ(spool->found()[2].path, folder_.File("outcome-000000000003"));
  ASSERT_OK_AND_ASSIGN(const Spool::Entry next, spool->Add(Commit()));
  EXPECT_EQ(next.path, folder_.File("outcome-000000000004"));
}

TEST_F(SpoolTest, IsOfOneProcess) {
  const auto spool = Open();
  EXPECT_STATUS(Spool::Open({folder_.path()}), kFailedPrecondition, folder_.path(), "--spool");
}

TEST_F(SpoolTest, CountsWhatLiesThereAgainstTheLimit) {
  ASSERT_OK_AND_ASSIGN(const Spool::Entry first, Open()->Add(Commit()));
  ASSERT_GT(first.bytes, 500u);
  const auto spool = Open(first.bytes + 100);
  EXPECT_TRUE(spool->HasRoom(100));
  EXPECT_FALSE(spool->HasRoom(101));
  spool->Remove(spool->found()[0]);
  EXPECT_TRUE(spool->HasRoom(first.bytes + 100));
}

TEST_F(SpoolTest, AProcessThatDiesWhileItWritesLeavesNothingThatIsSent) {
  EXPECT_EXIT(
      {
        const auto spool = Open();
        const FileSizeLimit full(400, /*kill=*/true);
        (void)spool->Add(Commit());
      },
      ::testing::KilledBySignal(SIGXFSZ), "");
  ASSERT_EQ(SpoolFiles(folder_.path()), std::vector<std::string>{"outcome-000000000001.tmp"});
  EXPECT_TRUE(Open()->found().empty());
  EXPECT_TRUE(SpoolFiles(folder_.path()).empty());
}

TEST_F(SpoolTest, AFullDiskIsToldAndLeavesNothing) {
  const auto spool = Open();
  {
    const FileSizeLimit full(400);
    EXPECT_STATUS(spool->Add(Commit()), kUnknown, "cannot write", folder_.path());
  }
  EXPECT_TRUE(SpoolFiles(folder_.path()).empty());
  EXPECT_TRUE(spool->HasRoom(1 << 20));
  EXPECT_OK(spool->Add(Commit()));
}

TEST_F(SpoolTest, WhatIsDamagedIsToldWhereverItIs) {
  const auto spool = Open();
  ASSERT_OK_AND_ASSIGN(const Spool::Entry entry, spool->Add(Commit()));
  ASSERT_OK_AND_ASSIGN(const std::string whole, ReadFile(entry.path));
  const auto read_all = [&]() -> absl::Status {
    const absl::StatusOr<Outcome> outcome = spool->Load(entry);
    if (!outcome.ok()) return outcome.status();
    for (int index = 0; index < 2; ++index) {
      if (const auto bytes = outcome->artifacts->Read(index); !bytes.ok()) return bytes.status();
    }
    return absl::OkStatus();
  };
  EXPECT_OK(read_all());
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    Overwrite(entry.path, damaged);
    EXPECT_STATUS(read_all(), kDataLoss, entry.path) << "byte " << i;
  }
  for (size_t size = 0; size < whole.size(); ++size) {
    Overwrite(entry.path, whole.substr(0, size));
    EXPECT_STATUS(read_all(), kDataLoss, entry.path) << "cut to " << size;
  }
  Overwrite(entry.path, absl::StrCat(whole, "x"));
  EXPECT_STATUS(read_all(), kDataLoss, "goes on behind its end");
}

TEST_F(SpoolTest, WhatIsSetAsideStaysAndIsNotFoundAgain) {
  {
    const auto spool = Open();
    ASSERT_OK_AND_ASSIGN(const Spool::Entry entry, spool->Add(Commit()));
    spool->SetAside(entry, absl::DataLossError("damaged"));
  }
  EXPECT_EQ(SpoolFiles(folder_.path()), std::vector<std::string>{"outcome-000000000001.damaged"});
  const auto spool = Open();
  EXPECT_TRUE(spool->found().empty());
  ASSERT_OK_AND_ASSIGN(const Spool::Entry next, spool->Add(Commit()));
  EXPECT_EQ(next.path, folder_.File("outcome-000000000002"));
}

}  // namespace
}  // namespace probesweep::worker
