#include "common/digest.h"
#include "server/rpc/blob_streams.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::server {
namespace {

v1::BlobChunk Chunk(const std::string& digest, const std::string& data) {
  v1::BlobChunk chunk;
  chunk.set_digest(digest);
  chunk.set_data(data);
  return chunk;
}

class BlobReceiverTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto blobs = BlobStore::Open(folder_.path());
    ASSERT_OK(blobs);
    blobs_ = *std::move(blobs);
  }

  testing::TempDir folder_;
  std::unique_ptr<BlobStore> blobs_;
};

TEST_F(BlobReceiverTest, ChunksBecomeOneBlob) {
  const std::string digest = Sha256Hex("onetwo");
  BlobReceiver receiver(blobs_.get());
  ASSERT_OK(receiver.Take(Chunk(digest, "one")));
  ASSERT_OK(receiver.Take(Chunk("", "two")));
  EXPECT_FALSE(blobs_->Has(digest));
  ASSERT_OK(receiver.Finish());
  EXPECT_TRUE(blobs_->Has(digest));
  EXPECT_EQ(receiver.size(), 6);
}

TEST_F(BlobReceiverTest, AnEmptyBlobIsABlob) {
  BlobReceiver receiver(blobs_.get());
  ASSERT_OK(receiver.Take(Chunk(Sha256Hex(""), "")));
  ASSERT_OK(receiver.Finish());
  EXPECT_TRUE(blobs_->Has(Sha256Hex("")));
}

TEST_F(BlobReceiverTest, WhatIsNoBlobIsRefused) {
  const std::string digest = Sha256Hex("one");
  {
    BlobReceiver receiver(blobs_.get());
    EXPECT_STATUS(receiver.Finish(), kInvalidArgument, "no chunk");
  }
  {
    BlobReceiver receiver(blobs_.get());
    EXPECT_STATUS(receiver.Take(Chunk("", "one")), kInvalidArgument, "no SHA-256");
  }
  {
    BlobReceiver receiver(blobs_.get());
    ASSERT_OK(receiver.Take(Chunk(digest, "one")));
    EXPECT_STATUS(receiver.Take(Chunk(Sha256Hex("two"), "two")), kInvalidArgument, "one blob a call");
  }
  {
    BlobReceiver receiver(blobs_.get());
    EXPECT_STATUS(receiver.Take(Chunk(digest, std::string(kChunkBytes + 1, 'x'))), kInvalidArgument,
                  "1048577 bytes");
  }
  {
    BlobReceiver receiver(blobs_.get());
    ASSERT_OK(receiver.Take(Chunk(digest, "other bytes")));
    EXPECT_STATUS(receiver.Finish(), kInvalidArgument, digest, Sha256Hex("other bytes"));
  }
  EXPECT_FALSE(blobs_->Has(digest));
}

}  // namespace
}  // namespace probesweep::server
