// Blobs over gRPC: the disk is touched on the executor's threads only, one job at a time for each call.
#ifndef PROBESWEEP_SERVER_RPC_BLOB_STREAMS_H_
#define PROBESWEEP_SERVER_RPC_BLOB_STREAMS_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "probesweep/v1/resources.pb.h"
#include "server/rpc/status.h"
#include "server/rpc/unary.h"

namespace probesweep::server {

// As BlobChunk promises.
inline constexpr size_t kChunkBytes = 1 << 20;

// Sends a blob. The next chunk is read when the last one is on its way: a slow peer costs one chunk of
// memory.
class BlobDownload : public grpc::ServerWriteReactor<v1::BlobChunk> {
 public:
  static BlobDownload* Start(const RpcDependencies& dependencies, grpc::CallbackServerContext* context,
                             const std::string& digest);

  void OnWriteDone(bool ok) override;
  void OnDone() override { delete this; }

 private:
  BlobDownload(const RpcDependencies& dependencies, grpc::CallbackServerContext* context, std::string digest);

  void PostNextChunk();
  void SendNextChunk();

  const RpcDependencies dependencies_;
  grpc::CallbackServerContext* const context_;
  const std::string digest_;
  std::unique_ptr<BlobReader> reader_;
  v1::BlobChunk chunk_;
};

// Takes chunks into a blob, and ends with the response or why not.
class BlobReceiver {
 public:
  explicit BlobReceiver(BlobStore* blobs) : blobs_(blobs) {}
  // Errors: INVALID_ARGUMENT (no digest in the first chunk, another one later, too large a chunk), and those
  // of BlobWriter.
  absl::Status Take(const v1::BlobChunk& chunk);
  // Makes the blob durable. Errors: INVALID_ARGUMENT (no chunk came, another digest).
  absl::Status Finish();
  const std::string& digest() const { return digest_; }
  int64_t size() const { return writer_ == nullptr ? 0 : writer_->size(); }

 private:
  BlobStore* const blobs_;
  std::string digest_;
  std::unique_ptr<BlobWriter> writer_;
};

// Receives a blob. `Response` has digest and size_bytes.
template <typename Response>
class BlobUpload : public grpc::ServerReadReactor<v1::BlobChunk> {
 public:
  static BlobUpload* Start(const RpcDependencies& dependencies, Response* response) {
    auto* upload = new BlobUpload(dependencies, response);
    upload->StartRead(&upload->chunk_);
    return upload;
  }

  void OnReadDone(bool ok) override {
    const absl::Status posted = executor_->Post([this, ok] { ok ? Take() : End(); });
    if (!posted.ok()) Finish(ToGrpcStatus(posted));
  }
  void OnDone() override { delete this; }

 private:
  BlobUpload(const RpcDependencies& dependencies, Response* response)
      : executor_(dependencies.executor), receiver_(dependencies.blobs), response_(response) {}

  void Take() {
    const absl::Status taken = receiver_.Take(chunk_);
    if (!taken.ok()) return Finish(ToGrpcStatus(taken));
    StartRead(&chunk_);
  }

  // A call that broke off ends here too: what came has another digest then and is dropped.
  void End() {
    const absl::Status finished = receiver_.Finish();
    if (finished.ok()) {
      response_->set_digest(receiver_.digest());
      response_->set_size_bytes(receiver_.size());
    }
    Finish(ToGrpcStatus(finished));
  }

  Executor* const executor_;
  BlobReceiver receiver_;
  Response* const response_;
  v1::BlobChunk chunk_;
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_RPC_BLOB_STREAMS_H_
