#include "server/store/blob_store.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::server {
namespace {

class BlobStoreTest : public ::testing::Test {
 protected:
  void SetUp() override { store_ = Open(); }

  std::unique_ptr<BlobStore> Open() {
    auto opened = BlobStore::Open(folder_.path(), kMaxBytes);
    EXPECT_OK(opened);
    return *std::move(opened);
  }

  absl::Status Put(const std::string& digest, const std::vector<std::string>& parts) {
    auto writer = store_->Write(digest);
    if (!writer.ok()) return writer.status();
    for (const std::string& part : parts) {
      if (const absl::Status status = (*writer)->Append(part); !status.ok()) return status;
    }
    return (*writer)->Finish();
  }

  absl::StatusOr<std::string> Get(const std::string& digest, size_t piece) {
    auto reader = store_->Read(digest);
    if (!reader.ok()) return reader.status();
    std::string bytes;
    while (true) {
      auto part = (*reader)->Read(piece);
      if (!part.ok()) return part.status();
      EXPECT_LE(part->size(), piece);
      if (part->empty()) return bytes;
      bytes += *part;
    }
  }

  // Every regular file under the store's folder.
  int Files() const {
    int files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
      files += entry.is_regular_file() ? 1 : 0;
    }
    return files;
  }

  std::string FileOf(const std::string& digest) const {
    return folder_.File("blobs/" + digest.substr(0, 2) + "/" + digest);
  }

  static constexpr int64_t kMaxBytes = 1000;
  testing::TempDir folder_;
  std::unique_ptr<BlobStore> store_;
  const std::string bytes_ = std::string("binary\0\xff, ", 10) + std::string(500, 'x');
  const std::string digest_ = Sha256Hex(bytes_);
};

TEST_F(BlobStoreTest, GivesBackWhatWasPutInWhateverPieces) {
  EXPECT_FALSE(store_->Has(digest_));
  EXPECT_EQ(store_->SizeOf(digest_), -1);
  ASSERT_OK(Put(digest_, {bytes_.substr(0, 3), "", bytes_.substr(3)}));
  EXPECT_TRUE(store_->Has(digest_));
  EXPECT_EQ(store_->SizeOf(digest_), static_cast<int64_t>(bytes_.size()));
  for (const size_t piece : {size_t{1}, size_t{7}, bytes_.size(), bytes_.size() + 1, size_t{1} << 20}) {
    ASSERT_OK_AND_ASSIGN(const std::string read, Get(digest_, piece));
    EXPECT_EQ(read, bytes_) << "in pieces of " << piece;
  }
}

TEST_F(BlobStoreTest, AnEmptyBlobIsABlob) {
  ASSERT_OK(Put(Sha256Hex(""), {}));
  ASSERT_OK_AND_ASSIGN(const std::string read, Get(Sha256Hex(""), 10));
  EXPECT_EQ(read, "");
}

TEST_F(BlobStoreTest, SurvivesReopeningAndMayBePutAgain) {
  ASSERT_OK(Put(digest_, {bytes_}));
  store_ = Open();
  EXPECT_TRUE(store_->Has(digest_));
  ASSERT_OK(Put(digest_, {bytes_}));
  EXPECT_EQ(Files(), 1);
}

TEST_F(BlobStoreTest, BytesWithAnotherDigestLeaveNothing) {
  EXPECT_STATUS(Put(digest_, {"other bytes"}), kInvalidArgument, digest_, Sha256Hex("other bytes"));
  EXPECT_FALSE(store_->Has(digest_));
  EXPECT_EQ(Files(), 0);
}

TEST_F(BlobStoreTest, AnAbandonedUploadLeavesNothing) {
  {
    ASSERT_OK_AND_ASSIGN(auto writer, store_->Write(digest_));
    ASSERT_OK(writer->Append(bytes_));
    EXPECT_EQ(Files(), 1);
  }
  EXPECT_EQ(Files(), 0);
}

TEST_F(BlobStoreTest, AnUploadThatDiedWithItsProcessIsClearedAtTheNextStart) {
  ASSERT_OK(WriteFileAtomically(folder_.File("blobs/incoming/blob-1234"), "half"));
  ASSERT_OK(Put(digest_, {bytes_}));
  store_ = Open();
  EXPECT_EQ(Files(), 1);
  EXPECT_TRUE(store_->Has(digest_));
}

TEST_F(BlobStoreTest, MoreThanTheLimitIsRefused) {
  const std::string most(kMaxBytes, 'y'), more(kMaxBytes + 1, 'y');
  EXPECT_OK(Put(Sha256Hex(most), {most}));
  EXPECT_STATUS(Put(Sha256Hex(more), {more.substr(0, 900), more.substr(900)}), kResourceExhausted,
                "larger than 1000 bytes");
  EXPECT_EQ(Files(), 1);
}

TEST_F(BlobStoreTest, ADamagedFileIsNeverReadToItsEnd) {
  ASSERT_OK(Put(digest_, {bytes_}));
  std::string damaged = bytes_;
  damaged[100] ^= 1;
  for (const std::string& content : {damaged, bytes_.substr(1), bytes_ + "z", std::string()}) {
    ASSERT_OK(WriteFileAtomically(FileOf(digest_), content));
    for (const size_t piece : {size_t{64}, content.size() + 1}) {
      EXPECT_STATUS(Get(digest_, piece), kDataLoss, FileOf(digest_), "damaged");
    }
  }
  ASSERT_OK(Put(digest_, {bytes_}));
  EXPECT_OK(Get(digest_, 64)) << "sending it again mends it";
}

TEST_F(BlobStoreTest, OnlyDigestsNameBlobs) {
  for (const std::string& name : {std::string("../../etc/passwd"), std::string(), std::string(64, 'A')}) {
    EXPECT_STATUS(store_->Write(name), kInvalidArgument, "no SHA-256 digest");
    EXPECT_STATUS(store_->Read(name), kInvalidArgument, "no SHA-256 digest");
    EXPECT_FALSE(store_->Has(name));
  }
}

TEST_F(BlobStoreTest, AnUnknownBlobIsNotFound) { EXPECT_STATUS(store_->Read(digest_), kNotFound, digest_); }

TEST_F(BlobStoreTest, AFolderThatCannotBeMadeIsNamed) {
  ASSERT_OK(WriteFileAtomically(folder_.File("file"), ""));
  EXPECT_STATUS(BlobStore::Open(folder_.File("file")), kNotFound, folder_.File("file"));
}

}  // namespace
}  // namespace probesweep::server
