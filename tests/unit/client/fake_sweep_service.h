// A coordinator's SweepService that holds what a test puts in, over an in-process channel: no port.
#ifndef PROBESWEEP_TESTS_UNIT_CLIENT_FAKE_SWEEP_SERVICE_H_
#define PROBESWEEP_TESTS_UNIT_CLIENT_FAKE_SWEEP_SERVICE_H_

#include <grpcpp/grpcpp.h>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/client.h"
#include "common/digest.h"
#include "probesweep/v1/sweep_service.grpc.pb.h"

namespace probesweep::client {

// Calls come one after another in these tests, so nothing is locked.
class FakeSweepService : public v1::SweepService::Service {
 public:
  // What calls of a method answer before they answer truly, in this order.
  std::map<std::string, std::deque<grpc::Status>> failures;
  std::map<std::string, int> calls;

  std::vector<v1::Sweep> sweeps;  // newest first
  std::vector<v1::Task> tasks;
  std::vector<v1::ResultRow> rows;
  std::map<std::string, std::vector<v1::ResultRow>> rows_of;  // by sweep id; of others they are `rows`
  std::optional<v1::Sweep> planned;                           // what CreateSweep answers, but for its spec
  std::vector<std::string> deleted;                           // ids
  std::vector<v1::Artifact> artifacts;
  std::map<std::string, std::vector<v1::Artifact>> artifacts_of;  // by sweep id; of others: `artifacts`
  std::vector<v1::Worker> workers;
  std::map<std::string, std::string> blobs;                 // by digest
  std::deque<std::vector<v1::WatchSweepResponse>> watches;  // what each opening of a watch sends
  std::vector<v1::CreateSweepRequest> created;
  int break_after_rows = -1;        // the next result stream breaks off after so many rows
  bool lose_rows_on_break = false;  // and the rows that were sent are gone then
  size_t page = 2;                  // sweeps and tasks on a page

  grpc::Status CreateSweep(grpc::ServerContext*, const v1::CreateSweepRequest* request,
                           v1::Sweep* response) override {
    created.push_back(*request);
    if (const grpc::Status failure = Failure("CreateSweep"); !failure.ok()) return failure;
    *response = planned ? *planned : sweeps.at(0);
    *response->mutable_spec() = request->spec();
    return grpc::Status::OK;
  }
  grpc::Status GetSweep(grpc::ServerContext*, const v1::GetSweepRequest* request,
                        v1::Sweep* response) override {
    if (const grpc::Status failure = Failure("GetSweep"); !failure.ok()) return failure;
    return Find(request->sweep_id(), response);
  }
  grpc::Status ListSweeps(grpc::ServerContext*, const v1::ListSweepsRequest* request,
                          v1::ListSweepsResponse* response) override {
    if (const grpc::Status failure = Failure("ListSweeps"); !failure.ok()) return failure;
    Page(sweeps, request->page_token(), *response->mutable_sweeps(), *response->mutable_next_page_token());
    return grpc::Status::OK;
  }
  grpc::Status ListTasks(grpc::ServerContext*, const v1::ListTasksRequest* request,
                         v1::ListTasksResponse* response) override {
    Page(tasks, request->page_token(), *response->mutable_tasks(), *response->mutable_next_page_token());
    return grpc::Status::OK;
  }
  grpc::Status CancelSweep(grpc::ServerContext*, const v1::CancelSweepRequest* request,
                           v1::Sweep* response) override {
    ++calls["CancelSweep"];
    return Find(request->sweep_id(), response);
  }
  grpc::Status RetrySweep(grpc::ServerContext*, const v1::RetrySweepRequest* request,
                          v1::Sweep* response) override {
    ++calls["RetrySweep"];
    return Find(request->sweep_id(), response);
  }
  grpc::Status DeleteSweep(grpc::ServerContext*, const v1::DeleteSweepRequest* request,
                           v1::DeleteSweepResponse*) override {
    deleted.push_back(request->sweep_id());
    return Failure("DeleteSweep");
  }
  grpc::Status WatchSweep(grpc::ServerContext*, const v1::WatchSweepRequest*,
                          grpc::ServerWriter<v1::WatchSweepResponse>* writer) override {
    const grpc::Status failure = Failure("WatchSweep");
    if (watches.empty())
      return failure.ok() ? grpc::Status(grpc::StatusCode::NOT_FOUND, "no sweep") : failure;
    for (const v1::WatchSweepResponse& state : watches.front()) writer->Write(state);
    watches.pop_front();
    return failure;
  }
  grpc::Status QueryResults(grpc::ServerContext*, const v1::QueryResultsRequest* request,
                            grpc::ServerWriter<v1::ResultRow>* writer) override {
    if (const auto own = rows_of.find(request->sweep_id()); own != rows_of.end()) {
      for (const v1::ResultRow& row : own->second) writer->Write(row);
      return Failure("QueryResults");
    }
    const int limit = std::exchange(break_after_rows, -1);
    for (size_t i = 0; i < rows.size(); ++i) {
      if (static_cast<int>(i) == limit) {
        if (lose_rows_on_break) rows.erase(rows.begin(), rows.begin() + limit);
        return {grpc::StatusCode::UNAVAILABLE, "Socket closed"};
      }
      writer->Write(rows[i]);
    }
    return Failure("QueryResults");
  }
  grpc::Status ListArtifacts(grpc::ServerContext*, const v1::ListArtifactsRequest* request,
                             v1::ListArtifactsResponse* response) override {
    if (const auto own = artifacts_of.find(request->sweep_id()); own != artifacts_of.end()) {
      *response->mutable_artifacts() = {own->second.begin(), own->second.end()};
      return grpc::Status::OK;
    }
    *response->mutable_artifacts() = {artifacts.begin(), artifacts.end()};
    return grpc::Status::OK;
  }
  grpc::Status FetchArtifact(grpc::ServerContext*, const v1::FetchArtifactRequest* request,
                             grpc::ServerWriter<v1::BlobChunk>* writer) override {
    v1::BlobChunk chunk;
    chunk.set_digest(request->digest());
    writer->Write(chunk);
    chunk.clear_digest();
    for (const char byte : blobs[request->digest()]) {
      chunk.set_data(std::string(1, byte));
      writer->Write(chunk);
    }
    return Failure("FetchArtifact");
  }
  grpc::Status PutBlob(grpc::ServerContext*, grpc::ServerReader<v1::BlobChunk>* reader,
                       v1::PutBlobResponse* response) override {
    if (const grpc::Status failure = Failure("PutBlob"); !failure.ok()) return failure;
    v1::BlobChunk chunk;
    std::string bytes;
    int chunks = 0;
    while (reader->Read(&chunk)) {
      if (chunks++ == 0) response->set_digest(chunk.digest());
      bytes += chunk.data();
    }
    if (Sha256Hex(bytes) != response->digest()) return {grpc::StatusCode::INVALID_ARGUMENT, "wrong digest"};
    calls["PutBlob chunks"] += chunks;
    blobs[response->digest()] = bytes;
    return grpc::Status::OK;
  }
  grpc::Status ListWorkers(grpc::ServerContext*, const v1::ListWorkersRequest*,
                           v1::ListWorkersResponse* response) override {
    *response->mutable_workers() = {workers.begin(), workers.end()};
    return grpc::Status::OK;
  }
  grpc::Status DrainWorker(grpc::ServerContext*, const v1::DrainWorkerRequest* request,
                           v1::Worker* response) override {
    for (const v1::Worker& worker : workers) {
      if (worker.id() != request->worker_id()) continue;
      *response = worker;
      return grpc::Status::OK;
    }
    return {grpc::StatusCode::NOT_FOUND, absl::StrCat("no worker '", request->worker_id(), "'")};
  }

 private:
  grpc::Status Failure(const std::string& method) {
    ++calls[method];
    std::deque<grpc::Status>& planned = failures[method];
    if (planned.empty()) return grpc::Status::OK;
    const grpc::Status failure = planned.front();
    planned.pop_front();
    return failure;
  }
  grpc::Status Find(const std::string& id, v1::Sweep* response) {
    for (const v1::Sweep& sweep : sweeps) {
      if (sweep.id() != id) continue;
      *response = sweep;
      return grpc::Status::OK;
    }
    return {grpc::StatusCode::NOT_FOUND, absl::StrCat("no sweep '", id, "'")};
  }
  template <typename Items, typename Field>
  void Page(const Items& items, const std::string& token, Field& field, std::string& next) {
    const size_t begin = token.empty() ? 0 : std::stoul(token);
    for (size_t i = begin; i < items.size() && i < begin + page; ++i) *field.Add() = items[i];
    if (begin + page < items.size()) next = std::to_string(begin + page);
  }
};

// Time that passes only by sleeping.
class FakeTime : public Clock, public Sleeper {
 public:
  absl::Time Now() const override { return absl::UnixEpoch() + steady_; }
  absl::Duration Steady() const override { return steady_; }
  void Sleep(absl::Duration duration) override {
    steady_ += duration;
    sleeps.push_back(duration);
  }
  void Advance(absl::Duration duration) { steady_ += duration; }

  std::vector<absl::Duration> sleeps;

 private:
  absl::Duration steady_ = absl::Hours(1);
};

// A fake service, its in-process server, and a client over it whose retries take no real time.
class FakeCoordinator {
 public:
  FakeCoordinator() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&service);
    server_ = builder.BuildAndStart();
  }
  ~FakeCoordinator() { server_->Shutdown(); }

  std::shared_ptr<grpc::Channel> Channel() { return server_->InProcessChannel({}); }
  std::unique_ptr<Client> NewClient() {
    ClientOptions options;
    options.addresses = {"fake:1"};
    options.tools.clock = &time;
    options.tools.sleeper = &time;
    return Client::OverChannels({Channel()}, std::move(options));
  }

  FakeSweepService service;
  FakeTime time;

 private:
  std::unique_ptr<grpc::Server> server_;
};

inline v1::Sweep MakeSweep(const std::string& id, const std::string& name,
                           v1::SweepState state = v1::SWEEP_STATE_RUNNING) {
  v1::Sweep sweep;
  sweep.set_id(id);
  sweep.mutable_spec()->set_name(name);
  sweep.mutable_spec()->set_model("demo-neox");
  sweep.mutable_spec()->mutable_analysis()->add_protocols("released");
  sweep.set_state(state);
  return sweep;
}

inline v1::ResultRow MakeRow(const std::string& checkpoint, const std::string& dimension, int layer,
                             const std::map<std::string, double>& values) {
  v1::ResultRow row;
  row.set_sweep_id("sw-1");
  row.set_sweep("demo");
  row.set_model("demo-neox");
  row.set_checkpoint(checkpoint);
  row.set_dimension(dimension);
  row.set_dataset(dimension + "-data");
  row.set_layer(layer);
  row.set_protocol("released");
  row.mutable_values()->insert(values.begin(), values.end());
  return row;
}

// Two checkpoints (steps 0 and 1000), the dimensions given, two layers; every cell filled with `accuracy`
// rising by 0.1 from layer to layer and from checkpoint to checkpoint, from 0.57 on.
inline v1::Sweep SweepWithResults(const std::vector<std::string>& dimensions,
                                  std::vector<v1::ResultRow>& rows) {
  v1::Sweep sweep = MakeSweep("sw-1", "demo", v1::SWEEP_STATE_SUCCEEDED);
  sweep.mutable_tasks()->set_done(2 * static_cast<int64_t>(dimensions.size()));
  for (const std::string& dimension : dimensions) {
    v1::Dimension& to = *sweep.mutable_spec()->add_dimensions();
    to.set_name(dimension);
    to.set_dataset(dimension + "-data");
    to.set_label_meaning("the statement is true");
  }
  for (const int64_t step : {int64_t{0}, int64_t{1000}}) {
    v1::Checkpoint& checkpoint = *sweep.add_checkpoints();
    checkpoint.set_name(absl::StrCat("step", step));
    checkpoint.set_step(step);
    for (const std::string& dimension : dimensions) {
      for (int layer = 0; layer < 2; ++layer) {
        rows.push_back(MakeRow(checkpoint.name(), dimension, layer,
                               {{"accuracy", 0.57 + 0.1 * layer + (step > 0 ? 0.1 : 0)},
                                {"surface_accuracy", 0.6},
                                {"majority_accuracy", 0.5},
                                {"n_test", 72}}));
      }
    }
  }
  return sweep;
}

}  // namespace probesweep::client

#endif  // PROBESWEEP_TESTS_UNIT_CLIENT_FAKE_SWEEP_SERVICE_H_
