// The C++ client of a ProbeSweep coordinator: one method per use, blocking, with deadlines and retries.
#ifndef PROBESWEEP_CLIENT_CLIENT_H_
#define PROBESWEEP_CLIENT_CLIENT_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/retry.h"
#include "common/rpc/channel_security.h"
#include "probesweep/v1/resources.pb.h"
#include "probesweep/v1/sweep_service.grpc.pb.h"
#include "probesweep/v1/sweep_service.pb.h"

namespace probesweep::client {

struct ClientOptions {
  // "host:port" of the coordinators; the next one is tried when one does not answer.
  std::vector<std::string> addresses = {"127.0.0.1:7077"};
  ChannelSecurity security;                        // how this client shows itself to them
  absl::Duration rpc_timeout = absl::Seconds(15);  // one attempt of an ordinary call
  absl::Duration plan_timeout = absl::Minutes(2);  // one attempt of CreateSweep: it looks at every checkpoint
  absl::Duration stream_timeout = absl::Minutes(30);  // one attempt of an upload, a download, a result stream
  absl::Duration watch_stream_timeout = absl::Minutes(15);  // then the watch is opened again, unnoticed
  absl::Duration watch_patience = absl::Minutes(5);  // a watch gives up after this long without an answer
  RetryPolicy retry;
  RetryTools tools;
};

// What a watch calls, on the watching thread.
struct WatchCallbacks {
  // Each state received. An error ends the watch and is what it returns.
  std::function<absl::Status(const v1::WatchSweepResponse&)> on_update;
  // The connection was lost and will be opened again; may be empty.
  std::function<void(const absl::Status&)> on_lost;
};

// Thread-safe. Idempotent calls are repeated by ClientOptions::retry; every other error is returned as the
// coordinator words it. UNAVAILABLE says where the coordinator was looked for and how to start one.
class Client {
 public:
  // Opens nothing yet: the first call connects. Errors: INVALID_ARGUMENT for an address without a port; those
  // of ChannelFactory.
  static absl::StatusOr<std::unique_ptr<Client>> Connect(ClientOptions options);
  // Over channels made elsewhere, one per address: in-process servers, other credentials.
  static std::unique_ptr<Client> OverChannels(const std::vector<std::shared_ptr<grpc::Channel>>& channels,
                                              ClientOptions options);

  // Uploads bytes under their SHA-256, which is returned. Errors: RESOURCE_EXHAUSTED (too large, disk full).
  absl::StatusOr<std::string> PutBlob(absl::string_view bytes);

  // Plans a sweep. The same request_id makes one sweep, however often it is sent.
  absl::StatusOr<v1::Sweep> CreateSweep(const v1::SweepSpec& spec, const std::string& request_id);
  absl::StatusOr<v1::Sweep> GetSweep(const std::string& id);
  // Newest first, all pages, but at most `limit`.
  absl::StatusOr<std::vector<v1::Sweep>> ListSweeps(size_t limit = SIZE_MAX);
  // In planned order, all pages.
  absl::StatusOr<std::vector<v1::Task>> ListTasks(const std::string& sweep_id);
  absl::StatusOr<v1::Sweep> CancelSweep(const std::string& id);
  absl::StatusOr<v1::Sweep> RetrySweep(const std::string& id);
  // Not repeated: a lost answer leaves it open whether the sweep is gone.
  absl::Status DeleteSweep(const std::string& id);

  // The sweep with this id, else the newest one of this name.
  // Errors: NOT_FOUND, naming the nearest and the known sweeps.
  absl::StatusOr<v1::Sweep> ResolveSweep(const std::string& name_or_id);

  // Calls back with each state until the sweep's is terminal. Lost connections are opened again with backoff.
  absl::Status Watch(const std::string& id, const WatchCallbacks& callbacks);

  // Rows in the order checkpoint, dimension, layer, protocol; each exactly once, also when the stream broke
  // and was opened again. Empty `dimensions`: all. An error of `on_row` ends the stream and is returned.
  absl::Status QueryResults(const std::string& sweep_id, const std::vector<std::string>& dimensions,
                            absl::FunctionRef<absl::Status(const v1::ResultRow&)> on_row);

  absl::StatusOr<std::vector<v1::Artifact>> ListArtifacts(const std::string& sweep_id);
  // Writes a blob to a file that appears only when its bytes have the digest. Errors: NOT_FOUND, DATA_LOSS.
  absl::Status FetchArtifact(const std::string& digest, const std::string& path);

  absl::StatusOr<std::vector<v1::Worker>> ListWorkers();
  absl::StatusOr<v1::Worker> DrainWorker(const std::string& worker_id);

 private:
  struct Endpoint {
    std::string address;
    std::unique_ptr<v1::SweepService::Stub> stub;
  };
  enum class Repeat { kYes, kNo };

  Client(std::vector<Endpoint> endpoints, ClientOptions options);

  // Runs one attempt against the current endpoint; moves on to the next one when it does not answer.
  absl::Status Attempt(absl::Duration timeout,
                       absl::FunctionRef<grpc::Status(v1::SweepService::Stub&, grpc::ClientContext&)> call);
  template <typename Request, typename Response>
  absl::StatusOr<Response> Unary(grpc::Status (v1::SweepService::Stub::*method)(grpc::ClientContext*,
                                                                                const Request&, Response*),
                                 const Request& request, Repeat repeat, absl::Duration timeout);
  template <typename Request, typename Response>
  absl::StatusOr<Response> Unary(grpc::Status (v1::SweepService::Stub::*method)(grpc::ClientContext*,
                                                                                const Request&, Response*),
                                 const Request& request);

  // One opening of a watch. `answered` and `ended` are set when a state, or a terminal one, came; an error of
  // the callback goes to `stop`.
  absl::Status WatchOnce(const std::string& id, const WatchCallbacks& callbacks, bool& answered, bool& ended,
                         absl::Status& stop);

  const ClientOptions options_;
  const std::vector<Endpoint> endpoints_;
  std::atomic<size_t> current_{0};
};

// True when no task of the sweep will change any more.
bool IsTerminal(v1::SweepState state);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLIENT_H_
