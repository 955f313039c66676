#include "server/rpc/blob_streams.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status.h"

namespace probesweep::server {

BlobDownload* BlobDownload::Start(const RpcDependencies& dependencies, grpc::CallbackServerContext* context,
                                  const std::string& digest) {
  auto* download = new BlobDownload(dependencies, context, digest);
  download->PostNextChunk();
  return download;
}

BlobDownload::BlobDownload(const RpcDependencies& dependencies, grpc::CallbackServerContext* context,
                           std::string digest)
    : dependencies_(dependencies), context_(context), digest_(std::move(digest)) {}

void BlobDownload::PostNextChunk() {
  const absl::Status posted = dependencies_.executor->Post([this] { SendNextChunk(); });
  if (!posted.ok()) Finish(ToGrpcStatus(posted));
}

void BlobDownload::SendNextChunk() {
  if (context_->IsCancelled()) return Finish(grpc::Status::CANCELLED);
  const bool first = reader_ == nullptr;
  if (first) {
    absl::StatusOr<std::unique_ptr<BlobReader>> reader = dependencies_.blobs->Read(digest_);
    if (!reader.ok()) return Finish(ToGrpcStatus(reader.status()));
    reader_ = *std::move(reader);
  }
  absl::StatusOr<std::string> bytes = reader_->Read(kChunkBytes);
  if (!bytes.ok()) return Finish(ToGrpcStatus(bytes.status()));
  // The first chunk goes out even when empty: it names the blob.
  if (bytes->empty() && !first) return Finish(grpc::Status::OK);
  chunk_.set_digest(first ? digest_ : "");
  chunk_.set_data(*std::move(bytes));
  StartWrite(&chunk_);
}

void BlobDownload::OnWriteDone(bool ok) {
  if (!ok) return Finish(grpc::Status::CANCELLED);
  PostNextChunk();
}

absl::Status BlobReceiver::Take(const v1::BlobChunk& chunk) {
  if (chunk.data().size() > kChunkBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a chunk of ", chunk.data().size(), " bytes; send at most ", kChunkBytes, " at a time"));
  }
  if (writer_ == nullptr) {
    digest_ = chunk.digest();
    PS_ASSIGN_OR_RETURN(writer_, blobs_->Write(digest_));
  } else if (!chunk.digest().empty() && chunk.digest() != digest_) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a chunk of blob ", chunk.digest(), " among those of blob ", digest_, "; send one blob a call"));
  }
  return writer_->Append(chunk.data());
}

absl::Status BlobReceiver::Finish() {
  if (writer_ == nullptr) {
    return absl::InvalidArgumentError("no chunk came; the first one names the blob's digest");
  }
  return writer_->Finish();
}

}  // namespace probesweep::server
