#include "tests/integration/server/server_fixture.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/analysis_config.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/version.h"
#include "server/rpc/convert_time.h"

namespace probesweep::server {

void ServerFixture::Start() {
  options_.data_folder = folder_.path() + "/data";
  options_.listen_address = "127.0.0.1:0";
  options_.http_address = "127.0.0.1:0";
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(options_);
  ASSERT_OK(server);
  server_ = *std::move(server);
  channel_ = grpc::CreateChannel(server_->grpc_address(), grpc::InsecureChannelCredentials());
  sweeps_ = v1::SweepService::NewStub(channel_);
  workers_ = v1::WorkerService::NewStub(channel_);
}

absl::StatusOr<v1::PutBlobResponse> ServerFixture::PutBlob(const std::vector<v1::BlobChunk>& chunks) {
  grpc::ClientContext context;
  v1::PutBlobResponse response;
  const auto writer = sweeps_->PutBlob(&context, &response);
  for (const v1::BlobChunk& chunk : chunks) {
    if (!writer->Write(chunk)) break;
  }
  writer->WritesDone();
  const absl::Status status = ToAbsl(writer->Finish());
  if (!status.ok()) return status;
  return response;
}

absl::StatusOr<v1::PutBlobResponse> ServerFixture::PutBlob(const std::string& digest,
                                                           const std::string& bytes) {
  constexpr size_t kChunk = 1 << 20;
  std::vector<v1::BlobChunk> chunks(1);
  chunks[0].set_digest(digest);
  for (size_t begin = 0; begin < bytes.size(); begin += kChunk) {
    if (begin > 0) chunks.emplace_back();
    chunks.back().set_data(bytes.substr(begin, kChunk));
  }
  return PutBlob(chunks);
}

v1::SweepSpec ServerFixture::Spec(const std::vector<std::string>& checkpoints) {
  v1::SweepSpec spec;
  spec.set_name("demo");
  spec.set_model("pythia");
  for (const std::string& name : checkpoints) {
    const std::string path = absl::StrCat(folder_.path(), "/model/", name);
    EXPECT_OK(MakeFolders(path));
    EXPECT_OK(WriteFileAtomically(path + "/config.json", "{}"));
    spec.add_checkpoints()->set_pattern(path);
  }
  for (const char* name : {"privacy", "fairness"}) {
    const std::string csv = absl::StrCat("statement,label\n", name, ",1\n");
    EXPECT_OK(PutBlob(Sha256Hex(csv), csv));
    v1::Dimension& dimension = *spec.add_dimensions();
    dimension.set_name(name);
    dimension.set_dataset(absl::StrCat(name, "-set"));
    dimension.set_dataset_digest(Sha256Hex(csv));
    dimension.set_steering_share(0.5);
  }
  return spec;
}

absl::StatusOr<v1::Sweep> ServerFixture::Create(const v1::SweepSpec& spec, const std::string& request_id) {
  v1::CreateSweepRequest request;
  request.set_request_id(request_id);
  *request.mutable_spec() = spec;
  return Call(*sweeps_, &Sweeps::CreateSweep, request);
}

absl::StatusOr<v1::Sweep> ServerFixture::Get(const std::string& id) {
  v1::GetSweepRequest request;
  request.set_sweep_id(id);
  return Call(*sweeps_, &Sweeps::GetSweep, request);
}

absl::StatusOr<v1::Sweep> ServerFixture::Cancel(const std::string& id) {
  v1::CancelSweepRequest request;
  request.set_sweep_id(id);
  return Call(*sweeps_, &Sweeps::CancelSweep, request);
}

absl::StatusOr<std::vector<v1::ResultRow>> ServerFixture::Results(
    const std::string& id, const std::vector<std::string>& dimensions) {
  v1::QueryResultsRequest request;
  request.set_sweep_id(id);
  for (const std::string& dimension : dimensions) request.add_dimensions(dimension);
  grpc::ClientContext context;
  const auto reader = sweeps_->QueryResults(&context, request);
  std::vector<v1::ResultRow> rows;
  v1::ResultRow row;
  while (reader->Read(&row)) rows.push_back(row);
  const absl::Status status = ToAbsl(reader->Finish());
  if (!status.ok()) return status;
  return rows;
}

absl::StatusOr<std::string> ServerFixture::FetchArtifact(const std::string& digest,
                                                         std::vector<size_t>* chunks) {
  v1::FetchArtifactRequest request;
  request.set_digest(digest);
  grpc::ClientContext context;
  const auto reader = sweeps_->FetchArtifact(&context, request);
  std::string bytes;
  v1::BlobChunk chunk;
  bool first = true;
  while (reader->Read(&chunk)) {
    EXPECT_EQ(chunk.digest(), first ? digest : "");
    first = false;
    if (chunks != nullptr) chunks->push_back(chunk.data().size());
    bytes += chunk.data();
  }
  const absl::Status status = ToAbsl(reader->Finish());
  if (!status.ok()) return status;
  return bytes;
}

absl::StatusOr<v1::RegisterWorkerResponse> ServerFixture::Register(const std::string& worker,
                                                                   const std::string& incarnation,
                                                                   const std::string& engine_version) {
  v1::RegisterWorkerRequest request;
  request.mutable_worker()->set_worker_id(worker);
  request.mutable_worker()->set_incarnation(incarnation);
  request.set_host("host");
  request.set_device("cpu");
  request.set_version("test");
  request.set_engine_version(engine_version.empty() ? EngineVersion() : engine_version);
  return Call(*workers_, &Workers::RegisterWorker, request);
}

absl::StatusOr<v1::LeaseTasksResponse> ServerFixture::Lease(const std::string& worker, absl::Duration wait,
                                                            const std::string& incarnation) {
  v1::LeaseTasksRequest request;
  request.mutable_worker()->set_worker_id(worker);
  request.mutable_worker()->set_incarnation(incarnation);
  ToProto(wait, *request.mutable_wait());
  return Call(*workers_, &Workers::LeaseTasks, request);
}

absl::StatusOr<v1::HeartbeatResponse> ServerFixture::Heartbeat(const std::string& worker,
                                                               const std::string& lease_id, int layers_done) {
  v1::HeartbeatRequest request;
  request.mutable_worker()->set_worker_id(worker);
  request.mutable_worker()->set_incarnation("i1");
  v1::LeaseProgress& lease = *request.add_leases();
  lease.set_lease_id(lease_id);
  lease.set_layers_done(layers_done);
  lease.set_layers_total(2);
  return Call(*workers_, &Workers::Heartbeat, request);
}

v1::CommitTaskRequest ServerFixture::Commit(const v1::Grant& grant, int task, const std::string& worker) {
  v1::CommitTaskRequest request;
  request.mutable_worker()->set_worker_id(worker);
  request.mutable_worker()->set_incarnation("i1");
  request.set_lease_id(grant.lease_id());
  request.set_task_id(grant.tasks(task).task_id());
  request.set_epoch(grant.tasks(task).epoch());
  request.set_checkpoint_digest(Sha256Hex(grant.checkpoint().name()));
  v1::Provenance& provenance = *request.mutable_provenance();
  provenance.set_tokenizer_digest(Sha256Hex("tokenizer"));
  provenance.set_dataset_digest(grant.tasks(task).dimension().dataset_digest());
  provenance.set_configuration(AnalysisConfig().Canonical());  // as of Spec
  provenance.set_engine_version(EngineVersion());
  provenance.set_device("cpu");
  provenance.set_dtype("fp32");
  for (const int layer : {1, 0}) {  // out of order: the coordinator sorts
    v1::LayerResult& result = *request.add_results();
    result.set_layer(layer);
    result.set_protocol("released");
    (*result.mutable_values())["accuracy"] =
        0.1 + 0.25 * layer + static_cast<double>(grant.checkpoint().step());
  }
  return request;
}

absl::StatusOr<v1::CommitTaskResponse> ServerFixture::Send(const v1::CommitTaskRequest& request) {
  return Call(*workers_, &Workers::CommitTask, request);
}

int ServerFixture::WorkOff() {
  EXPECT_OK(Register("w"));
  int done = 0;
  while (true) {
    const absl::StatusOr<v1::LeaseTasksResponse> lease = Lease("w", absl::ZeroDuration());
    EXPECT_OK(lease);
    if (!lease.ok() || !lease->has_grant()) return done;
    for (int task = 0; task < lease->grant().tasks_size(); ++task, ++done) {
      EXPECT_OK(Send(Commit(lease->grant(), task, "w")));
    }
  }
}

ServerFixture::HttpAnswer ServerFixture::HttpGet(const std::string& path) {
  const std::vector<std::string> address = absl::StrSplit(server_->http_address(), ':');
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  HttpAnswer answer;
  if (::getaddrinfo(address[0].c_str(), address[1].c_str(), &hints, &found) != 0) return answer;
  const int fd = ::socket(found->ai_family, SOCK_STREAM, 0);
  const bool connected = ::connect(fd, found->ai_addr, found->ai_addrlen) == 0;
  ::freeaddrinfo(found);
  const std::string request = absl::StrCat("GET ", path, " HTTP/1.0\r\n\r\n");
  std::string text;
  if (connected && ::write(fd, request.data(), request.size()) == static_cast<ssize_t>(request.size())) {
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(fd, buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<size_t>(got));
    }
  }
  ::close(fd);
  const size_t body = text.find("\r\n\r\n");
  if (body == std::string::npos || !absl::SimpleAtoi(text.substr(9, 3), &answer.status)) return answer;
  answer.body = text.substr(body + 4);
  return answer;
}

double ServerFixture::Metric(const std::string& series) {
  const std::string text = "\n" + HttpGet("/metrics").body;
  const size_t line = text.find(absl::StrCat("\n", series, " "));
  double value = -1;
  if (line == std::string::npos) return value;
  const size_t begin = line + series.size() + 2;
  return absl::SimpleAtod(text.substr(begin, text.find('\n', begin) - begin), &value) ? value : -1;
}

bool ServerFixture::Eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace probesweep::server
