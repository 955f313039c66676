#include "client/client.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/rpc_status.h"
#include "common/addresses.h"
#include "common/edit_distance.h"
#include "common/rpc/channel.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

// A sweep of some thousand checkpoints is the largest single message.
constexpr int kMaxMessageBytes = 64 << 20;
constexpr size_t kNamesShown = 10;

grpc::ChannelArguments ChannelArguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  // Our own retries decide when to try again; the channel must not still be sulking by then.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

absl::Status UnknownSweep(const std::string& asked, const std::vector<v1::Sweep>& sweeps) {
  std::vector<std::string> names;
  for (const v1::Sweep& sweep : sweeps) {
    if (std::find(names.begin(), names.end(), sweep.spec().name()) == names.end()) {
      names.push_back(sweep.spec().name());
    }
  }
  if (names.empty()) {
    return absl::NotFoundError(absl::StrCat("no sweep '", asked,
                                            "'; the coordinator has none yet: make one with "
                                            "`probesweep sweep submit FILE`"));
  }
  const std::string nearest = NearestName(asked, names);
  const bool more = names.size() > kNamesShown;
  if (more) names.resize(kNamesShown);
  return absl::NotFoundError(absl::StrCat(
      "no sweep '", asked, "'", nearest.empty() ? "" : absl::StrCat("; did you mean '", nearest, "'?"),
      nearest.empty() ? "; known: " : " Known: ", absl::StrJoin(names, ", "), more ? ", …" : ""));
}

}  // namespace

bool IsTerminal(v1::SweepState state) {
  return state == v1::SWEEP_STATE_SUCCEEDED || state == v1::SWEEP_STATE_FAILED ||
         state == v1::SWEEP_STATE_CANCELLED;
}

Client::Client(std::vector<Endpoint> endpoints, ClientOptions options)
    : options_(std::move(options)), endpoints_(std::move(endpoints)) {}

absl::StatusOr<std::unique_ptr<Client>> Client::Connect(ClientOptions options) {
  PS_RETURN_IF_ERROR(CheckAddresses(options.addresses));
  PS_ASSIGN_OR_RETURN(const ChannelFactory factory, ChannelFactory::Create(options.security));
  std::vector<std::shared_ptr<grpc::Channel>> channels(options.addresses.size());
  for (size_t i = 0; i < channels.size(); ++i) {
    PS_ASSIGN_OR_RETURN(channels[i], factory.Connect(options.addresses[i], ChannelArguments()));
  }
  return OverChannels(channels, std::move(options));
}

std::unique_ptr<Client> Client::OverChannels(const std::vector<std::shared_ptr<grpc::Channel>>& channels,
                                             ClientOptions options) {
  std::vector<Endpoint> endpoints;
  for (size_t i = 0; i < channels.size(); ++i) {
    endpoints.push_back({i < options.addresses.size() ? options.addresses[i] : "in-process",
                         v1::SweepService::NewStub(channels[i])});
  }
  // As many attempts at each, so that a standby has the time to take over.
  options.retry.max_attempts *= static_cast<int>(channels.size());
  return std::unique_ptr<Client>(new Client(std::move(endpoints), std::move(options)));
}

absl::Status Client::Attempt(
    absl::Duration timeout,
    absl::FunctionRef<grpc::Status(v1::SweepService::Stub&, grpc::ClientContext&)> call) {
  size_t used = current_.load();
  const Endpoint& endpoint = endpoints_[used];
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(timeout));
  const absl::Status status = FromRpc(call(*endpoint.stub, context), endpoint.address, timeout);
  // A coordinator that does not answer may be paused or cut off while another one leads. Another thread may
  // have moved on already: then its choice stands.
  if (IsTransient(status)) current_.compare_exchange_strong(used, (used + 1) % endpoints_.size());
  return status;
}

template <typename Request, typename Response>
absl::StatusOr<Response> Client::Unary(grpc::Status (v1::SweepService::Stub::*method)(grpc::ClientContext*,
                                                                                      const Request&,
                                                                                      Response*),
                                       const Request& request, Repeat repeat, absl::Duration timeout) {
  Response response;
  const auto attempt = [&] {
    return Attempt(timeout, [&](v1::SweepService::Stub& stub, grpc::ClientContext& context) {
      response.Clear();
      return (stub.*method)(&context, request, &response);
    });
  };
  const absl::Status status =
      repeat == Repeat::kYes ? CallWithRetries(options_.retry, options_.tools, attempt) : attempt();
  if (!status.ok()) return status;
  return response;
}

template <typename Request, typename Response>
absl::StatusOr<Response> Client::Unary(grpc::Status (v1::SweepService::Stub::*method)(grpc::ClientContext*,
                                                                                      const Request&,
                                                                                      Response*),
                                       const Request& request) {
  return Unary(method, request, Repeat::kYes, options_.rpc_timeout);
}

absl::StatusOr<v1::Sweep> Client::CreateSweep(const v1::SweepSpec& spec, const std::string& request_id) {
  v1::CreateSweepRequest request;
  request.set_request_id(request_id);
  *request.mutable_spec() = spec;
  return Unary(&v1::SweepService::Stub::CreateSweep, request, Repeat::kYes, options_.plan_timeout);
}

absl::StatusOr<v1::Sweep> Client::GetSweep(const std::string& id) {
  v1::GetSweepRequest request;
  request.set_sweep_id(id);
  return Unary(&v1::SweepService::Stub::GetSweep, request);
}

absl::StatusOr<std::vector<v1::Sweep>> Client::ListSweeps(size_t limit) {
  std::vector<v1::Sweep> sweeps;
  v1::ListSweepsRequest request;
  do {
    request.set_page_size(static_cast<int32_t>(std::min<size_t>(limit - sweeps.size(), 100)));
    PS_ASSIGN_OR_RETURN(v1::ListSweepsResponse page, Unary(&v1::SweepService::Stub::ListSweeps, request));
    for (v1::Sweep& sweep : *page.mutable_sweeps()) sweeps.push_back(std::move(sweep));
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && sweeps.size() < limit);
  if (sweeps.size() > limit) sweeps.resize(limit);
  return sweeps;
}

absl::StatusOr<std::vector<v1::Task>> Client::ListTasks(const std::string& sweep_id) {
  std::vector<v1::Task> tasks;
  v1::ListTasksRequest request;
  request.set_sweep_id(sweep_id);
  do {
    PS_ASSIGN_OR_RETURN(v1::ListTasksResponse page, Unary(&v1::SweepService::Stub::ListTasks, request));
    for (v1::Task& task : *page.mutable_tasks()) tasks.push_back(std::move(task));
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return tasks;
}

absl::StatusOr<v1::Sweep> Client::CancelSweep(const std::string& id) {
  v1::CancelSweepRequest request;
  request.set_sweep_id(id);
  return Unary(&v1::SweepService::Stub::CancelSweep, request);
}

absl::StatusOr<v1::Sweep> Client::RetrySweep(const std::string& id) {
  v1::RetrySweepRequest request;
  request.set_sweep_id(id);
  return Unary(&v1::SweepService::Stub::RetrySweep, request);
}

absl::Status Client::DeleteSweep(const std::string& id) {
  v1::DeleteSweepRequest request;
  request.set_sweep_id(id);
  return Unary(&v1::SweepService::Stub::DeleteSweep, request, Repeat::kNo, options_.rpc_timeout).status();
}

absl::StatusOr<v1::Sweep> Client::ResolveSweep(const std::string& name_or_id) {
  absl::StatusOr<v1::Sweep> by_id = GetSweep(name_or_id);
  if (by_id.ok()) return by_id;
  if (!absl::IsNotFound(by_id.status()) && !absl::IsInvalidArgument(by_id.status())) return by_id;
  PS_ASSIGN_OR_RETURN(std::vector<v1::Sweep> sweeps, ListSweeps());
  for (v1::Sweep& sweep : sweeps) {
    if (sweep.spec().name() == name_or_id) return std::move(sweep);
  }
  return UnknownSweep(name_or_id, sweeps);
}

absl::StatusOr<std::vector<v1::Artifact>> Client::ListArtifacts(const std::string& sweep_id) {
  v1::ListArtifactsRequest request;
  request.set_sweep_id(sweep_id);
  PS_ASSIGN_OR_RETURN(v1::ListArtifactsResponse response,
                      Unary(&v1::SweepService::Stub::ListArtifacts, request));
  return std::vector<v1::Artifact>(response.artifacts().begin(), response.artifacts().end());
}

absl::StatusOr<std::vector<v1::Worker>> Client::ListWorkers() {
  PS_ASSIGN_OR_RETURN(v1::ListWorkersResponse response,
                      Unary(&v1::SweepService::Stub::ListWorkers, v1::ListWorkersRequest()));
  return std::vector<v1::Worker>(response.workers().begin(), response.workers().end());
}

absl::StatusOr<v1::Worker> Client::DrainWorker(const std::string& worker_id) {
  v1::DrainWorkerRequest request;
  request.set_worker_id(worker_id);
  return Unary(&v1::SweepService::Stub::DrainWorker, request);
}

}  // namespace probesweep::client
