#include "server/store/blob_collector.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <functional>

#include "absl/time/clock.h"
#include "tests/support/memory_store.h"
#include "tests/support/sample_sweeps.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::server {
namespace {

// Does something before it gives a page of references.
class InterruptedStore : public testing::MemoryStore {
 public:
  std::function<void()> before_page = [] {};
  absl::StatusOr<std::vector<std::string>> ReferencedBlobs(BlobCursor& cursor) override {
    before_page();
    return MemoryStore::ReferencedBlobs(cursor);
  }
};

class BlobCollectorTest : public ::testing::Test {
 protected:
  void SetUp() override { Reopen(); }

  void Reopen() {
    absl::StatusOr<std::unique_ptr<BlobStore>> opened = BlobStore::Open(folder_.path());
    ASSERT_OK(opened);
    blobs_ = *std::move(opened);
  }

  std::string PathOf(const std::string& bytes) const {
    const std::string digest = Sha256Hex(bytes);
    return folder_.File("blobs/" + digest.substr(0, 2) + "/" + digest);
  }

  void SetTime(const std::string& path, absl::Time time) {
    const timespec spec = absl::ToTimespec(time);
    const timespec both[] = {spec, spec};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), both, 0), 0) << path;
  }

  void Put(const std::string& bytes) {
    auto writer = blobs_->Write(Sha256Hex(bytes));
    ASSERT_OK(writer);
    ASSERT_OK((*writer)->Append(bytes));
    ASSERT_OK((*writer)->Finish());
  }

  // Uploaded two days ago.
  void PutOld(const std::string& bytes) {
    Put(bytes);
    SetTime(PathOf(bytes), now_ - absl::Hours(48));
  }

  bool Has(const std::string& bytes) const { return blobs_->Has(Sha256Hex(bytes)); }

  // A sweep with dataset "dataset", and one outcome with the artifact.
  void Refer(const std::string& artifact) {
    ChangeSet changes;
    Sweep sweep;
    sweep.id = "s";
    sweep.spec = testing::SampleSpec({"dataset"});
    changes.sweeps = {sweep};
    Outcome outcome = testing::SampleOutcome();
    outcome.artifacts.push_back({"probe", Sha256Hex(artifact), 1});
    changes.outcomes = {{"key", outcome}};
    ASSERT_OK(store_.Commit(changes));
  }

  absl::StatusOr<RemovedBlobs> Collect(const std::function<bool()>& go_on = [] { return true; }) {
    return RemoveUnusedBlobs(store_, *blobs_, now_ - absl::Hours(24), go_on);
  }

  const absl::Time now_ = absl::Now();
  testing::TempDir folder_;
  std::unique_ptr<BlobStore> blobs_;
  InterruptedStore store_;
};

TEST_F(BlobCollectorTest, OnlyWhatNobodyRefersToGoes) {
  for (const char* bytes : {"dataset", "artifact", "stray", "another stray"}) PutOld(bytes);
  Refer("artifact");
  ASSERT_OK_AND_ASSIGN(const RemovedBlobs removed, Collect());
  EXPECT_TRUE(Has("dataset"));
  EXPECT_TRUE(Has("artifact"));
  EXPECT_FALSE(Has("stray"));
  EXPECT_FALSE(Has("another stray"));
  EXPECT_EQ(removed.blobs, 2);
  EXPECT_EQ(removed.bytes, 18);
  ASSERT_OK_AND_ASSIGN(const RemovedBlobs again, Collect());
  EXPECT_EQ(again.blobs, 0);
}

TEST_F(BlobCollectorTest, WhatADeletedSweepLeftGoes) {
  PutOld("dataset");
  PutOld("artifact");
  Refer("artifact");
  ChangeSet changes;
  Task task;
  task.id = "t";
  task.sweep_id = "s";
  task.reuse_key = "key";
  changes.tasks = {task};
  ASSERT_OK(store_.Commit(changes));
  ASSERT_OK_AND_ASSIGN(const RemovedBlobs before, Collect());
  EXPECT_EQ(before.blobs, 0);
  changes = ChangeSet();
  changes.deleted_sweeps = {"s"};
  ASSERT_OK(store_.Commit(changes));
  ASSERT_OK_AND_ASSIGN(const RemovedBlobs after, Collect());
  EXPECT_EQ(after.blobs, 2);
}

TEST_F(BlobCollectorTest, AnUploadOfTodayStays) {
  Put("on its way");
  SetTime(PathOf("on its way"), now_ - absl::Hours(23));
  ASSERT_OK(Collect());
  EXPECT_TRUE(Has("on its way"));
}

TEST_F(BlobCollectorTest, ANewUploadOfOldBytesMakesThemYoung) {
  PutOld("bytes");
  Put("bytes");
  ASSERT_OK(Collect());
  EXPECT_TRUE(Has("bytes"));
}

// As a sweep does that names a dataset of last week, without sending it again.
TEST_F(BlobCollectorTest, WhatIsReferredToBetweenListingAndRemovalStays) {
  PutOld("dataset");
  PutOld("stray");
  bool claimed = false;
  store_.before_page = [&] {
    if (claimed) return;
    // The page was read before the reference came.
    claimed = blobs_->Claim(Sha256Hex("dataset")) == 7;
  };
  ASSERT_OK(Collect());
  EXPECT_TRUE(claimed);
  EXPECT_TRUE(Has("dataset"));
  EXPECT_FALSE(Has("stray"));
}

TEST_F(BlobCollectorTest, WhatIsSentAgainBetweenListingAndRemovalStays) {
  PutOld("artifact");
  store_.before_page = [&] { Put("artifact"); };
  ASSERT_OK(Collect());
  EXPECT_TRUE(Has("artifact"));
}

TEST_F(BlobCollectorTest, AStoreThatDoesNotAnswerCostsNoBlob) {
  PutOld("dataset");
  PutOld("stray");
  Refer("artifact");
  int pages = 0;
  store_.before_page = [&] {
    if (++pages == 2) store_.failure = absl::UnavailableError("gone");
  };
  EXPECT_STATUS(Collect(), kUnavailable, "gone");
  EXPECT_EQ(pages, 2);
  EXPECT_TRUE(Has("dataset"));
  EXPECT_TRUE(Has("stray"));
}

TEST_F(BlobCollectorTest, EndsEarlyWhenToldTo) {
  PutOld("one");
  PutOld("two");
  ASSERT_OK_AND_ASSIGN(RemovedBlobs removed, Collect([] { return false; }));
  EXPECT_EQ(removed.blobs, 0);
  int asked = 0;
  ASSERT_OK_AND_ASSIGN(removed, Collect([&] { return ++asked < 3; }));  // a page, and one blob
  EXPECT_EQ(removed.blobs, 1);
  EXPECT_NE(Has("one"), Has("two"));
}

TEST_F(BlobCollectorTest, ARemovalThatWasCutOffIsUndoneAtTheNextStart) {
  PutOld("bytes");
  std::filesystem::rename(PathOf("bytes"), folder_.File("blobs/removing/" + Sha256Hex("bytes")));
  EXPECT_FALSE(Has("bytes"));
  Reopen();
  EXPECT_TRUE(Has("bytes"));
  ASSERT_OK(Collect());
  EXPECT_FALSE(Has("bytes"));
}

TEST_F(BlobCollectorTest, AClaimMakesAnOldBlobYoungAndMissesOneThatIsGone) {
  PutOld("bytes");
  EXPECT_EQ(blobs_->Claim(Sha256Hex("bytes")), 5);
  ASSERT_OK_AND_ASSIGN(const std::vector<std::string> old, blobs_->OlderThan(now_ - absl::Hours(24)));
  EXPECT_TRUE(old.empty());
  EXPECT_EQ(blobs_->Claim(Sha256Hex("nobody's")), -1);
  EXPECT_EQ(blobs_->Claim("../../etc/passwd"), -1);
}

TEST_F(BlobCollectorTest, AFolderBelongsToTheFirstStoreThatAsks) {
  for (const char* again : {"at first", "when opened again"}) {
    EXPECT_OK(BlobStore::Adopt(folder_.File("data"), "store-1")) << again;
  }
  EXPECT_STATUS(BlobStore::Adopt(folder_.File("data"), "store-2"), kFailedPrecondition,
                folder_.File("data/blobs/store"), "store-1", "store-2", "--data", "--store");
}

}  // namespace
}  // namespace probesweep::server
