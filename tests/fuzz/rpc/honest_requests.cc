// What the coordinator accepts: hostile messages are made of it, for what is odd all over is refused at the
// door.
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/version.h"
#include "server/rpc/convert_sweeps.h"
#include "tests/fuzz/rpc/fuzz_fixture.h"

namespace probesweep::fuzz {
namespace {

using google::protobuf::Message;

bool SetText(Message& message, const char* field, const std::string& text) {
  const auto* found = message.GetDescriptor()->FindFieldByName(field);
  if (found != nullptr) message.GetReflection()->SetString(&message, found, text);
  return found != nullptr;
}

}  // namespace

v1::CommitTaskRequest FuzzFixture::HonestCommit(const v1::Grant& grant, int task, const std::string& worker) {
  v1::CommitTaskRequest commit = Commit(grant, task, worker);
  v1::SweepSpec spec;
  *spec.mutable_analysis() = grant.analysis();
  commit.mutable_provenance()->set_configuration(server::FromProto(spec)->analysis.Canonical());
  for (v1::LayerResult& row : *commit.mutable_results()) row.set_protocol(grant.analysis().protocols(0));
  return commit;
}

std::vector<std::string> FuzzFixture::Honest(const Rpc& rpc) {
  if (rpc.method->client_streaming()) return HonestUpload();
  const std::unique_ptr<Message> request = catalogue_.NewRequest(rpc);
  if (!SetHonestOfSweeps(rpc, *request) && !SetHonestOfWorkers(rpc, *request)) return {};
  return {request->SerializeAsString()};
}

std::vector<std::string> FuzzFixture::HonestUpload() const {
  const std::string first = absl::StrCat("statement,label\n", tended_), last = "\nx,1\n";
  v1::BlobChunk begin, end;
  begin.set_digest(Sha256Hex(first + last));
  begin.set_data(first);
  end.set_data(last);
  return {begin.SerializeAsString(), end.SerializeAsString()};
}

bool FuzzFixture::SetHonestOfSweeps(const Rpc& rpc, Message& request) {
  const std::string& name = rpc.name();
  if (name == "CreateSweep") {
    auto& create = static_cast<v1::CreateSweepRequest&>(request);
    create.set_request_id(absl::StrCat("request-", tended_));
    *create.mutable_spec() = spec_;
    return true;
  }
  if (name == "DrainWorker") return SetText(request, "worker_id", worker_);
  if (name == "ListSweeps" || name == "ListWorkers" || name == "Check" || name == "Watch") return true;
  return SetText(request, "sweep_id", sweep_id_);
}

bool FuzzFixture::SetHonestOfWorkers(const Rpc& rpc, Message& request) {
  const std::string& name = rpc.name();
  if (name == "FetchArtifact" || name == "FetchBlob") {
    return SetText(request, "digest", spec_.dimensions(0).dataset_digest());
  }
  const auto* identity = request.GetDescriptor()->FindFieldByName("worker");
  if (identity == nullptr) return false;
  // What was done since the last time may have ended the lease.
  if (request.GetDescriptor()->FindFieldByName("lease_id") != nullptr) Tend();
  const v1::CommitTaskRequest commit = HonestCommit(grant_, grant_.tasks_size() - 1, worker_);
  request.GetReflection()->MutableMessage(&request, identity)->CopyFrom(commit.worker());
  SetText(request, "lease_id", grant_.lease_id());
  if (name == "CommitTask") {
    static_cast<v1::CommitTaskRequest&>(request) = commit;
  } else if (name == "FailTask") {
    auto& fail = static_cast<v1::FailTaskRequest&>(request);
    fail.set_task_id(commit.task_id());
    fail.set_epoch(commit.epoch());
    fail.set_error("out of memory\nat layer 3");
  } else if (name == "RegisterWorker") {
    auto& registration = static_cast<v1::RegisterWorkerRequest&>(request);
    registration.set_host("host");
    registration.set_device("cpu");
    registration.set_version("test");
    registration.set_engine_version(EngineVersion());
  } else if (name == "Heartbeat") {
    static_cast<v1::HeartbeatRequest&>(request).add_leases()->set_lease_id(grant_.lease_id());
  } else if (name == "ReleaseLease") {
    static_cast<v1::ReleaseLeaseRequest&>(request).mutable_statistics()->set_tokens(7);
  } else {
    return name == "LeaseTasks";
  }
  return true;
}

}  // namespace probesweep::fuzz
