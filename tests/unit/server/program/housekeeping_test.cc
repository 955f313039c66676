#include "server/housekeeping.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>
#include <sys/stat.h>

#include "absl/strings/match.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "tests/support/memory_store.h"
#include "tests/support/sample_sweeps.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::server {
namespace {

// Tells when references are asked for the n-th time.
class TellingStore : public testing::MemoryStore {
 public:
  explicit TellingStore(int tell_at) : left_(tell_at) {}
  absl::StatusOr<std::vector<std::string>> ReferencedBlobs(BlobCursor& cursor) override {
    if (--left_ == 0) asked.Notify();
    return MemoryStore::ReferencedBlobs(cursor);
  }
  absl::Notification asked;

 private:
  int left_;  // on the collections' thread
};

class HousekeepingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<std::unique_ptr<BlobStore>> opened = BlobStore::Open(folder_.path());
    ASSERT_OK(opened);
    blobs_ = *std::move(opened);
  }

  void Put(const std::string& bytes, absl::Duration age) {
    const std::string digest = Sha256Hex(bytes);
    auto writer = blobs_->Write(digest);
    ASSERT_OK(writer);
    ASSERT_OK((*writer)->Append(bytes));
    ASSERT_OK((*writer)->Finish());
    const timespec time = absl::ToTimespec(absl::Now() - age);
    const timespec both[] = {time, time};
    const std::string path = folder_.File("blobs/" + digest.substr(0, 2) + "/" + digest);
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), both, 0), 0) << path;
  }

  // Collects all the time.
  std::unique_ptr<Housekeeping> Begin(Store* store) {
    HousekeepingOptions options;
    options.collect_interval = absl::Milliseconds(1);
    return std::make_unique<Housekeeping>(
        options, Housekeeping::Parts{folder_.path(), store, blobs_.get(), Clock::System(), &metrics_});
  }

  bool Shows(const std::string& line) {
    return absl::StrContains(prometheus::TextSerializer().Serialize(metrics_.Collect()), "\n" + line);
  }

  testing::TempDir folder_;
  std::unique_ptr<BlobStore> blobs_;
  ServerMetrics metrics_{{}};
};

TEST_F(HousekeepingTest, RemovesWhatNobodyUsesAndCountsIt) {
  Put("stray", absl::Hours(25));
  Put("young", absl::Hours(23));
  Put("dataset", absl::Hours(25));
  // The first collection reads a page and finds the end, the second one asks again: the first is counted
  // then.
  TellingStore store(3);
  ChangeSet changes;
  Sweep sweep;
  sweep.id = "s";
  sweep.spec = testing::SampleSpec({"dataset"});
  changes.sweeps = {sweep};
  ASSERT_OK(store.Commit(changes));
  const auto housekeeping = Begin(&store);
  ASSERT_TRUE(store.asked.WaitForNotificationWithTimeout(absl::Seconds(60)));
  EXPECT_FALSE(blobs_->Has(Sha256Hex("stray")));
  EXPECT_TRUE(blobs_->Has(Sha256Hex("young")));
  EXPECT_TRUE(blobs_->Has(Sha256Hex("dataset")));
  EXPECT_TRUE(Shows("probesweep_blobs_removed_total 1"));
  EXPECT_TRUE(Shows("probesweep_blob_bytes_removed_total 5"));
}

TEST_F(HousekeepingTest, GoesOnAfterAStoreThatDoesNotAnswer) {
  Put("stray", absl::Hours(25));
  TellingStore store(2);
  store.failure = absl::UnavailableError("away");
  const auto housekeeping = Begin(&store);
  ASSERT_TRUE(store.asked.WaitForNotificationWithTimeout(absl::Seconds(60)));
  EXPECT_TRUE(blobs_->Has(Sha256Hex("stray")));
}

TEST_F(HousekeepingTest, MeasuresTheDiskAtOnce) {
  TellingStore store(1);
  Begin(&store);
  EXPECT_TRUE(Shows("probesweep_data_size_bytes "));
  EXPECT_FALSE(Shows("probesweep_data_size_bytes 0\n"));
}

}  // namespace
}  // namespace probesweep::server
