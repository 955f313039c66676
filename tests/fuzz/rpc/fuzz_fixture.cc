#include "tests/fuzz/rpc/fuzz_fixture.h"

#include <spdlog/sinks/base_sink.h>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/analysis_config.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/logging.h"
#include "common/result_columns.h"
#include "common/version.h"
#include "server/rpc/convert_sweeps.h"

namespace probesweep::fuzz {
namespace {

using google::protobuf::Message;

constexpr size_t kMostSweeps = 12;
// What takes longer hangs: no call of this test is a second's work, on however busy a machine.
constexpr absl::Duration kPatience = absl::Seconds(15);

std::string Shown(const std::vector<std::string>& requests) {
  std::string shown;
  for (const std::string& request : requests) {
    absl::StrAppend(&shown, " [", request.size(), "] \"", absl::CHexEscape(request.substr(0, 400)), "\"");
  }
  return shown.substr(0, 2000);
}

}  // namespace

// A log whose lines nobody can forge: what callers send stands in it escaped.
class FuzzFixture::PlainLog : public spdlog::sinks::base_sink<std::mutex> {
 public:
  std::string forged() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return forged_;
  }

 private:
  void sink_it_(const spdlog::details::log_msg& line) override {
    const auto control = [](unsigned char c) { return absl::ascii_iscntrl(c); };
    if (!forged_.empty() || std::none_of(line.payload.begin(), line.payload.end(), control)) return;
    forged_ = absl::CHexEscape(absl::string_view(line.payload.data(), line.payload.size()));
  }
  void flush_() override {}

  std::string forged_;
};

FuzzFixture::FuzzFixture() : catalogue_(testing::SourceDir()), log_(std::make_shared<PlainLog>()) {}

void FuzzFixture::SetUp() {
  ASSERT_EQ(catalogue_.errors(), "");
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("fuzz", log_));
  // A long poll is over soon, whatever it asks for.
  options_.core.max_poll = absl::Milliseconds(5);
  ASSERT_NO_FATAL_FAILURE(StartWithClients());
  caller_ = std::make_unique<RawCaller>(server_->grpc_address());
  spec_ = Spec();
  server::ToProto(AnalysisConfig(), *spec_.mutable_analysis());
  for (const v1::Dimension& dimension : spec_.dimensions())
    accepted_.blobs.insert(dimension.dataset_digest());
  ASSERT_NO_FATAL_FAILURE(MakeOddFolders());
  LearnTexts();
  ASSERT_NO_FATAL_FAILURE(Tend());
}

void FuzzFixture::MakeOddFolders() {
  // Folders that a glob finds and no message can name.
  for (const char* name : {"odd/\xff\xfe", "odd/line\nbreak"}) ASSERT_OK(MakeFolders(folder_.File(name)));
  // Links that lead back to their folder: a glob of four folders finds a hundred million.
  ASSERT_OK(MakeFolders(folder_.File("loop")));
  for (int i = 0; i < 100; ++i) {
    std::filesystem::create_directory_symlink(".", folder_.File(absl::StrCat("loop/", i)));
  }
}

void FuzzFixture::LearnTexts() {
  const std::string model = folder_.path() + "/model";
  known_["pattern"] = {model + "/step0",
                       model + "/step{0,16}",
                       model + "/*",
                       model + "/{0..99}",
                       folder_.path() + "/odd/*",
                       folder_.path() + "/loop/*/*/*/*",
                       folder_.path() + "/odd/[a-z]*",
                       absl::StrCat("/{0..300}", std::string(100, '/'), "x/y/z"),
                       absl::StrCat("/{0..3000}", [] {
                         std::string deep;
                         for (int i = 0; i < 40; ++i) deep += "/d";
                         return deep;
                       }())};
  known_["cached_checkpoints"] = {model + "/step0"};
  for (const ResultColumn& column : ResultColumns()) known_["key"].push_back(column.name);
  known_["protocol"] = known_["protocols"] = KnownProtocols();
  known_["solver"] = KnownSolvers();
  known_["estimators"] = KnownEstimators();
  known_["dimensions"] = {"privacy", "fairness"};
  known_["name"] = {"privacy", "fairness", "demo"};
  known_["group_rule"] = {"same_text", "same_question"};
  known_["kind"] = {"probes", "steering_vectors", "representations.layer_3"};
  known_["engine_version"] = {EngineVersion()};
  known_["configuration"] = {AnalysisConfig().Canonical()};
  known_["incarnation"] = {"i1", "i2"};
  known_["service"] = {"", "probesweep.v1.SweepService"};
  known_["page_token"] = {"1", "2"};
  known_["request_id"] = {"request-1", "request-2"};
  for (const char* field : {"digest", "dataset_digest", "checkpoint_digest", "tokenizer_digest"}) {
    known_[field] = {Sha256Hex("nothing"), spec_.dimensions(0).dataset_digest(), ""};
  }
}

void FuzzFixture::StartWithClients() {
  ASSERT_NO_FATAL_FAILURE(Start());
  channel_ = ConnectAsClients(server_->grpc_address());
  sweeps_ = v1::SweepService::NewStub(channel_);
  workers_ = v1::WorkerService::NewStub(channel_);
}

void FuzzFixture::TearDown() {
  EXPECT_EQ(log_->forged(), "") << "a line of the log is forged";
  caller_.reset();
  Stop();
  ASSERT_OK(InitLogging({}));
}

void FuzzFixture::KeepSweepsFew() {
  std::vector<v1::Sweep> sweeps = AllSweeps();
  if (sweeps.size() <= kMostSweeps) return;
  for (size_t i = kMostSweeps / 2; i < sweeps.size(); ++i) {
    ExpectResults(sweeps[i]);
    EXPECT_OK(Cancel(sweeps[i].id()));
    v1::DeleteSweepRequest request;
    request.set_sweep_id(sweeps[i].id());
    EXPECT_OK(Call(*sweeps_, &Sweeps::DeleteSweep, request));
    accepted_.sweeps.erase(sweeps[i].id());
  }
}

void FuzzFixture::Tend() {
  ++tended_;
  KeepSweepsFew();
  // A worker of its own each time: whatever was done to the last one.
  worker_ = absl::StrCat("worker-", tended_);
  EXPECT_OK(Register(worker_));
  accepted_.workers.insert(worker_);
  absl::StatusOr<v1::LeaseTasksResponse> lease = Lease(worker_, absl::ZeroDuration());
  if (!lease.ok() || !lease->has_grant()) {
    spec_.set_recompute(absl::StrCat("fuzz-", tended_));
    const absl::StatusOr<v1::Sweep> sweep = Create(spec_, absl::StrCat("tended-", tended_));
    EXPECT_OK(sweep);
    if (sweep.ok()) accepted_.sweeps[sweep->id()] = *sweep;
    lease = Lease(worker_, absl::ZeroDuration());
  }
  ASSERT_OK(lease);
  ASSERT_TRUE(lease->has_grant());
  grant_ = lease->grant();
  sweep_id_ = grant_.sweep_id();
  known_["sweep_id"] = {"sw-none"};
  for (const auto& [id, sweep] : accepted_.sweeps) known_["sweep_id"].push_back(id);
  known_["worker_id"] = {worker_, "worker-1"};
  known_["lease_id"] = {grant_.lease_id()};
  known_["task_id"] = {"sw-none-00000"};
  for (const v1::GrantedTask& task : grant_.tasks()) known_["task_id"].push_back(task.task_id());
}

void FuzzFixture::Attack(const Rpc& rpc, const std::vector<std::string>& requests, const std::string& what) {
  const Answer answer = caller_->Call(rpc.path, requests, rpc.endless());
  ++answers_[rpc.path][answer.status.error_code()];
  const std::string why = WhyWrong(rpc, requests, answer);
  const std::string kind = absl::StrCat(rpc.path, ": ", why, ", status ", answer.status.error_code());
  if (!why.empty() && reported_.insert(kind).second) {
    ADD_FAILURE() << kind << " '" << answer.status.error_message().substr(0, 300) << "' after " << answer.took
                  << "\n"
                  << what << Shown(requests);
  }
  if (answer.status.ok()) Note(rpc, requests, answer);
}

std::string FuzzFixture::WhyWrong(const Rpc& rpc, const std::vector<std::string>& requests,
                                  const Answer& answer) {
  if (answer.took > kPatience) return "took too long";
  for (const std::string& bytes : answer.messages) {
    const std::unique_ptr<Message> message = catalogue_.NewResponse(rpc);
    if (!message->ParseFromString(bytes)) return "the answer cannot be read";
    if (std::string why = WhyNotShowable(*message); !why.empty()) return why;
    if (rpc.method->output_type()->name() != "Sweep") continue;
    const std::string why = WhyNotASweep(static_cast<const v1::Sweep&>(*message), accepted_.blobs);
    if (!why.empty()) return why;
  }
  const grpc::StatusCode code = answer.status.error_code();
  if (code == grpc::StatusCode::OK)
    return answer.messages.empty() && !rpc.method->server_streaming() ? "no answer" : "";
  if (code == grpc::StatusCode::CANCELLED && rpc.endless() && !answer.messages.empty()) return "";
  if (rpc.documented.count(code) != 0) return answer.status.error_message().empty() ? "says nothing" : "";
  // gRPC's own word for what is not one message of the request's type.
  const bool one = requests.size() == 1 && catalogue_.NewRequest(rpc)->ParseFromString(requests[0]);
  if (code == grpc::StatusCode::UNIMPLEMENTED && !one && !rpc.method->client_streaming()) return "";
  return "the status is not documented";
}

void FuzzFixture::Note(const Rpc& rpc, const std::vector<std::string>& requests, const Answer& answer) {
  if (requests.empty()) return;
  const std::string& name = rpc.name();
  if (name == "CreateSweep") {
    v1::Sweep sweep;
    sweep.ParseFromString(answer.messages[0]);
    accepted_.sweeps[sweep.id()] = sweep;
  } else if (name == "DeleteSweep") {
    v1::DeleteSweepRequest request;
    request.ParseFromString(requests[0]);
    accepted_.sweeps.erase(request.sweep_id());
  } else if (name == "RegisterWorker") {
    v1::RegisterWorkerRequest request;
    request.ParseFromString(requests[0]);
    accepted_.workers.insert(request.worker().worker_id());
    EXPECT_EQ(WhyNotShowable(request), "") << Shown(requests);
  } else if (name == "CommitTask") {
    v1::CommitTaskRequest request;
    request.ParseFromString(requests[0]);
    accepted_.commits.insert(ResultText(request));
    v1::CommitTaskResponse response;
    response.ParseFromString(answer.messages[0]);
    EXPECT_EQ(response.already_committed() ? "" : WhyNotShowable(request), "") << Shown(requests);
  } else if (name == "PutBlob" || name == "PutArtifact") {
    v1::PutBlobResponse response;  // PutArtifactResponse has the same fields
    response.ParseFromString(answer.messages[0]);
    accepted_.blobs.insert(response.digest());
    known_["digest"].back() = response.digest();
  } else if (name == "Heartbeat") {
    v1::HeartbeatResponse response;
    response.ParseFromString(answer.messages[0]);
    const auto& renewed = response.renewed_lease_ids();
    EXPECT_EQ(std::set<std::string>(renewed.begin(), renewed.end()).size(),
              static_cast<size_t>(renewed.size()))
        << "a lease is renewed twice by one heartbeat:" << Shown(requests);
  }
}

}  // namespace probesweep::fuzz
