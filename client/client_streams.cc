// The streaming calls of Client.
#include <grpcpp/grpcpp.h>

#include <memory>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "client/atomic_file.h"
#include "client/client.h"
#include "common/digest.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

constexpr size_t kChunkBytes = 1 << 20;  // resources.proto, BlobChunk

grpc::Status Upload(v1::SweepService::Stub& stub, grpc::ClientContext& context, const std::string& digest,
                    absl::string_view bytes) {
  v1::PutBlobResponse response;
  std::unique_ptr<grpc::ClientWriter<v1::BlobChunk>> writer = stub.PutBlob(&context, &response);
  v1::BlobChunk chunk;
  chunk.set_digest(digest);
  do {
    const absl::string_view part = bytes.substr(0, kChunkBytes);
    bytes.remove_prefix(part.size());
    chunk.set_data(std::string(part));
    // False: the call is over; Finish() says why.
    if (!writer->Write(chunk)) return writer->Finish();
    chunk.clear_digest();
  } while (!bytes.empty());
  writer->WritesDone();
  return writer->Finish();
}

// Identifies a row within its sweep's stream.
using RowKey = std::tuple<std::string, std::string, int, std::string>;
RowKey KeyOf(const v1::ResultRow& row) {
  return {row.checkpoint(), row.dimension(), row.layer(), row.protocol()};
}

// Passes on rows, each once: after a broken stream it lets the rows go by up to the last one passed on.
class RowRelay {
 public:
  explicit RowRelay(absl::FunctionRef<absl::Status(const v1::ResultRow&)> on_row) : on_row_(on_row) {}

  void StartStream() { skipping_ = any_; }

  absl::Status Relay(const v1::ResultRow& row) {
    if (skipping_) {
      if (KeyOf(row) == last_) skipping_ = false;
      return absl::OkStatus();
    }
    last_ = KeyOf(row);
    any_ = true;
    return on_row_(row);
  }

  // After a stream's regular end. Errors: ABORTED when the row to go on from is gone.
  absl::Status EndStream() const {
    if (!skipping_) return absl::OkStatus();
    return absl::AbortedError("the results changed while they were read; run it again");
  }

 private:
  absl::FunctionRef<absl::Status(const v1::ResultRow&)> on_row_;
  RowKey last_;
  bool any_ = false;
  bool skipping_ = false;
};

}  // namespace

absl::StatusOr<std::string> Client::PutBlob(absl::string_view bytes) {
  const std::string digest = Sha256Hex(bytes);
  PS_RETURN_IF_ERROR(CallWithRetries(options_.retry, options_.tools, [&] {
    return Attempt(options_.stream_timeout, [&](v1::SweepService::Stub& stub, grpc::ClientContext& context) {
      return Upload(stub, context, digest, bytes);
    });
  }));
  return digest;
}

absl::Status Client::QueryResults(const std::string& sweep_id, const std::vector<std::string>& dimensions,
                                  absl::FunctionRef<absl::Status(const v1::ResultRow&)> on_row) {
  v1::QueryResultsRequest request;
  request.set_sweep_id(sweep_id);
  for (const std::string& dimension : dimensions) request.add_dimensions(dimension);
  RowRelay relay(on_row);
  absl::Status stopped;  // what on_row returned: never retried
  const absl::Status status = CallWithRetries(options_.retry, options_.tools, [&] {
    if (!stopped.ok()) return absl::OkStatus();
    return Attempt(options_.stream_timeout, [&](v1::SweepService::Stub& stub, grpc::ClientContext& context) {
      relay.StartStream();
      std::unique_ptr<grpc::ClientReader<v1::ResultRow>> reader = stub.QueryResults(&context, request);
      v1::ResultRow row;
      while (stopped.ok() && reader->Read(&row)) stopped = relay.Relay(row);
      if (!stopped.ok()) context.TryCancel();
      const grpc::Status finished = reader->Finish();
      return stopped.ok() ? finished : grpc::Status::OK;
    });
  });
  PS_RETURN_IF_ERROR(stopped);
  PS_RETURN_IF_ERROR(status);
  return relay.EndStream();
}

absl::Status Client::FetchArtifact(const std::string& digest, const std::string& path) {
  v1::FetchArtifactRequest request;
  request.set_digest(digest);
  absl::Status local;  // what went wrong on this side: never retried
  const absl::Status status = CallWithRetries(options_.retry, options_.tools, [&] {
    return Attempt(options_.stream_timeout, [&](v1::SweepService::Stub& stub, grpc::ClientContext& context) {
      absl::StatusOr<std::unique_ptr<AtomicFile>> file = AtomicFile::Create(path);
      local = file.status();
      if (!local.ok()) return grpc::Status::OK;
      Sha256 sha;
      std::unique_ptr<grpc::ClientReader<v1::BlobChunk>> reader = stub.FetchArtifact(&context, request);
      v1::BlobChunk chunk;
      while (local.ok() && reader->Read(&chunk)) {
        sha.Update(chunk.data());
        local = (*file)->Append(chunk.data());
      }
      if (!local.ok()) context.TryCancel();
      const grpc::Status finished = reader->Finish();
      if (!local.ok() || !finished.ok()) return local.ok() ? finished : grpc::Status::OK;
      const std::string got = sha.Hex();
      local = got == digest ? (*file)->Commit()
                            : absl::DataLossError(absl::StrCat(
                                  "artifact ", digest, " arrived with the digest ", got, "; fetch it again"));
      return grpc::Status::OK;
    });
  });
  PS_RETURN_IF_ERROR(local);
  return status;
}

absl::Status Client::WatchOnce(const std::string& id, const WatchCallbacks& callbacks, bool& answered,
                               bool& ended, absl::Status& stop) {
  v1::WatchSweepRequest request;
  request.set_sweep_id(id);
  return Attempt(options_.watch_stream_timeout, [&](v1::SweepService::Stub& stub,
                                                    grpc::ClientContext& context) {
    std::unique_ptr<grpc::ClientReader<v1::WatchSweepResponse>> reader = stub.WatchSweep(&context, request);
    v1::WatchSweepResponse response;
    while (stop.ok() && reader->Read(&response)) {
      answered = true;
      ended = IsTerminal(response.sweep().state());
      stop = callbacks.on_update(response);
    }
    if (!stop.ok()) context.TryCancel();
    const grpc::Status finished = reader->Finish();
    // The stream's own deadline is no silence of a coordinator that has answered.
    if (answered && finished.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) return grpc::Status::OK;
    return finished;
  });
}

absl::Status Client::Watch(const std::string& id, const WatchCallbacks& callbacks) {
  absl::Duration last_contact = options_.tools.clock->Steady();
  int failures = 0;
  while (true) {
    bool answered = false;
    bool ended = false;
    absl::Status stop;
    absl::Status status = WatchOnce(id, callbacks, answered, ended, stop);
    PS_RETURN_IF_ERROR(stop);
    if (ended) return absl::OkStatus();
    if (!status.ok() && !IsTransient(status)) return status;
    if (answered) {
      last_contact = options_.tools.clock->Steady();
      failures = 0;
      // The stream's own deadline, or a coordinator that closed it in good order: open it again at once.
      if (!absl::IsUnavailable(status)) continue;
    }
    if (status.ok()) status = absl::UnavailableError("the coordinator closed the watch without a state");
    ++failures;
    const absl::Duration wait = BackoffDelay(options_.retry.backoff, failures, *options_.tools.random);
    if (options_.tools.clock->Steady() + wait - last_contact > options_.watch_patience) return status;
    if (callbacks.on_lost) callbacks.on_lost(status);
    options_.tools.sleeper->Sleep(wait);
  }
}

}  // namespace probesweep::client
