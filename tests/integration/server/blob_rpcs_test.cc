#include <algorithm>

#include "common/digest.h"
#include "tests/integration/server/server_fixture.h"

namespace probesweep::server {
namespace {

using BlobRpcsTest = ServerFixture;

std::string SomeBytes(size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 + i / 251);
  return bytes;
}

TEST_F(BlobRpcsTest, BlobsOfEverySizeComeBackInChunks) {
  const size_t mib = 1 << 20;
  const struct {
    size_t size;
    std::vector<size_t> chunks;
  } cases[] = {{0, {0}}, {5, {5}}, {mib, {mib}}, {2 * mib + 7, {mib, mib, 7}}};
  for (const auto& c : cases) {
    const std::string bytes = SomeBytes(c.size);
    ASSERT_OK_AND_ASSIGN(const v1::PutBlobResponse put, PutBlob(Sha256Hex(bytes), bytes));
    EXPECT_EQ(put.digest(), Sha256Hex(bytes));
    EXPECT_EQ(put.size_bytes(), c.size);
    std::vector<size_t> chunks;
    ASSERT_OK_AND_ASSIGN(const std::string fetched, FetchArtifact(put.digest(), &chunks));
    EXPECT_EQ(fetched, bytes);
    EXPECT_EQ(chunks, c.chunks) << c.size;
  }
}

TEST_F(BlobRpcsTest, WhatDoesNotHaveItsDigestIsRefused) {
  const std::string digest = Sha256Hex("what was meant");
  EXPECT_STATUS(PutBlob(digest, "what was sent"), kInvalidArgument, digest);
  EXPECT_STATUS(FetchArtifact(digest), kNotFound, digest);
  EXPECT_STATUS(PutBlob("../../etc/passwd", "x"), kInvalidArgument, "SHA-256");
  EXPECT_STATUS(PutBlob({}), kInvalidArgument, "no chunk");
  EXPECT_STATUS(FetchArtifact("../../etc/passwd"), kInvalidArgument, "SHA-256");
}

TEST_F(BlobRpcsTest, AnUploadThatBreaksOffLeavesNothing) {
  const std::string digest = Sha256Hex("onetwo");
  grpc::ClientContext context;
  v1::PutBlobResponse response;
  const auto writer = sweeps_->PutBlob(&context, &response);
  v1::BlobChunk chunk;
  chunk.set_digest(digest);
  chunk.set_data("one");
  ASSERT_TRUE(writer->Write(chunk));
  context.TryCancel();
  EXPECT_STATUS(ToAbsl(writer->Finish()), kCancelled);
  EXPECT_STATUS(FetchArtifact(digest), kNotFound, digest);
}

TEST_F(BlobRpcsTest, WorkersFetchDatasetsAndLeaveArtifacts) {
  ASSERT_OK_AND_ASSIGN(const v1::Sweep sweep, Create(Spec({"step0"})));
  ASSERT_OK(Register("w"));
  ASSERT_OK_AND_ASSIGN(const v1::LeaseTasksResponse lease, Lease("w"));
  {
    v1::FetchBlobRequest request;
    request.set_digest(lease.grant().tasks(0).dimension().dataset_digest());
    grpc::ClientContext context;
    const auto reader = workers_->FetchBlob(&context, request);
    v1::BlobChunk chunk;
    ASSERT_TRUE(reader->Read(&chunk));
    EXPECT_EQ(chunk.data(), "statement,label\nprivacy,1\n");
    EXPECT_FALSE(reader->Read(&chunk));
    EXPECT_OK(ToAbsl(reader->Finish()));
  }
  v1::CommitTaskRequest commit = Commit(lease.grant(), 0, "w");
  v1::ArtifactRef& artifact = *commit.add_artifacts();
  artifact.set_digest(Sha256Hex("weights"));
  artifact.set_kind("probes");
  artifact.set_size_bytes(7);
  EXPECT_STATUS(Send(commit), kFailedPrecondition, "PutArtifact");
  {
    grpc::ClientContext context;
    v1::PutArtifactResponse response;
    const auto writer = workers_->PutArtifact(&context, &response);
    v1::BlobChunk chunk;
    chunk.set_digest(artifact.digest());
    chunk.set_data("weights");
    ASSERT_TRUE(writer->Write(chunk));
    writer->WritesDone();
    ASSERT_OK(ToAbsl(writer->Finish()));
    EXPECT_EQ(response.size_bytes(), 7);
  }
  ASSERT_OK(Send(commit));
  v1::ListArtifactsRequest request;
  request.set_sweep_id(sweep.id());
  ASSERT_OK_AND_ASSIGN(const v1::ListArtifactsResponse list, Call(*sweeps_, &Sweeps::ListArtifacts, request));
  ASSERT_EQ(list.artifacts_size(), 1);
  EXPECT_EQ(list.artifacts(0).digest(), artifact.digest());
  EXPECT_EQ(list.artifacts(0).checkpoint(), "step0");
  EXPECT_EQ(list.artifacts(0).dimension(), "privacy");
}

}  // namespace
}  // namespace probesweep::server
