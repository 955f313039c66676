#include "server/housekeeping.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>
#include <sys/stat.h>

#include <filesystem>
#include <thread>

#include "absl/strings/match.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/file.h"
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

// Refers to so much that no collection comes to its end.
class EndlessStore : public testing::MemoryStore {
 public:
  absl::StatusOr<std::vector<std::string>> ReferencedBlobs(BlobCursor&) override {
    if (!asked.HasBeenNotified()) asked.Notify();
    return std::vector<std::string>{Sha256Hex("something else")};
  }
  absl::Notification asked;
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

  // Collects and measures all the time.
  std::unique_ptr<Housekeeping> Begin(Store* store, const std::string& data_folder) {
    HousekeepingOptions options;
    options.collect_interval = options.measure_interval = absl::Milliseconds(1);
    return std::make_unique<Housekeeping>(
        options, Housekeeping::Parts{data_folder, store, blobs_.get(), Clock::System(), &metrics_});
  }
  std::unique_ptr<Housekeeping> Begin(Store* store) { return Begin(store, folder_.path()); }

  double Gauge(const std::string& name) {
    for (const prometheus::MetricFamily& family : metrics_.Collect()) {
      if (family.name == name) return family.metric.at(0).gauge.value;
    }
    ADD_FAILURE() << "no gauge " << name;
    return 0;
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

TEST_F(HousekeepingTest, EndsACollectionThatGoesOn) {
  Put("stray", absl::Hours(25));
  EndlessStore store;
  auto housekeeping = Begin(&store);
  ASSERT_TRUE(store.asked.WaitForNotificationWithTimeout(absl::Seconds(60)));
  housekeeping.reset();  // hangs unless it does
  EXPECT_TRUE(blobs_->Has(Sha256Hex("stray"))) << "whether it is used was not known";
}

TEST_F(HousekeepingTest, MeasuresTheDiskAtOnce) {
  TellingStore store(1);
  Begin(&store);
  EXPECT_EQ(Gauge("probesweep_data_size_bytes"),
            static_cast<double>(std::filesystem::space(folder_.path()).capacity));
  EXPECT_GT(Gauge("probesweep_data_free_bytes"), 0);
  EXPECT_LT(Gauge("probesweep_data_free_bytes"), Gauge("probesweep_data_size_bytes"));
}

TEST_F(HousekeepingTest, MeasuresTheDiskAgainAndAgain) {
  TellingStore store(1);
  const std::string mounted_later = folder_.File("data");
  const auto housekeeping = Begin(&store, mounted_later);
  EXPECT_EQ(Gauge("probesweep_data_size_bytes"), 0) << "there is no disk yet";
  ASSERT_OK(MakeFolders(mounted_later));
  const absl::Time patience = absl::Now() + absl::Seconds(60);
  while (Gauge("probesweep_data_size_bytes") == 0 && absl::Now() < patience) std::this_thread::yield();
  EXPECT_GT(Gauge("probesweep_data_size_bytes"), 0);
}

}  // namespace
}  // namespace probesweep::server
