// What the audit log says of real calls.
#include <nlohmann/json.hpp>

#include "absl/strings/str_split.h"
#include "common/file.h"
#include "probesweep/v1/worker_service.grpc.pb.h"
#include "tests/integration/security/security_fixture.h"

namespace probesweep::server {
namespace {

class AuditTest : public SecurityFixture {
 protected:
  void SetUp() override {
    WriteLogins(TokenLines());
    Start();
  }
  // A line of the log of this call; fails the test when there is not exactly one.
  nlohmann::json LineOf(const std::string& method) {
    std::vector<nlohmann::json> found;
    const auto look = [&] {
      found.clear();
      const std::string text = ReadFile(options_.guards.audit_log).value_or("");
      for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
        const nlohmann::json parsed = nlohmann::json::parse(line);
        if (parsed["rpc"] == "probesweep.v1." + method) found.push_back(parsed);
      }
      return !found.empty();
    };
    EXPECT_TRUE(Eventually(look)) << method;
    EXPECT_EQ(found.size(), 1) << method;
    return found.empty() ? nlohmann::json() : found.front();
  }
  template <typename Stub, typename Request, typename Response>
  void Call(Role role, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
            const Request& request) {
    grpc::ClientContext context;
    Response response;
    Stub stub(ConnectPlainly(TokenOf(role)));
    (stub.*method)(&context, request, &response);
  }
};

TEST_F(AuditTest, ACallIsWrittenWithCallerSubjectAndResult) {
  v1::CancelSweepRequest cancel;
  cancel.set_sweep_id("sweep-7");
  Call(Role::kSubmit, &v1::SweepService::Stub::CancelSweep, cancel);
  const nlohmann::json line = LineOf("SweepService/CancelSweep");
  EXPECT_EQ(line["event"], "call");
  EXPECT_EQ(line["name"], "the-submit");
  EXPECT_EQ(line["roles"].dump(), R"(["submit"])");
  EXPECT_EQ(line["credential"], "token");
  EXPECT_EQ(line["sweep"], "sweep-7");
  EXPECT_EQ(line["code"], "NOT_FOUND");
  EXPECT_THAT(line["peer"].get<std::string>(), ::testing::StartsWith("ipv4:127.0.0.1:"));
}

TEST_F(AuditTest, AWorkerIsNamedByItsRegistration) {
  v1::RegisterWorkerRequest request;
  request.mutable_worker()->set_worker_id("node-7");
  Call(Role::kWorker, &v1::WorkerService::Stub::RegisterWorker, request);
  EXPECT_EQ(LineOf("WorkerService/RegisterWorker")["worker"], "node-7");
}

TEST_F(AuditTest, ARefusedCallIsWrittenWithWhoTriedIt) {
  v1::DeleteSweepRequest request;
  request.set_sweep_id("sweep-7");
  Call(Role::kRead, &v1::SweepService::Stub::DeleteSweep, request);
  const nlohmann::json line = LineOf("SweepService/DeleteSweep");
  EXPECT_EQ(line["event"], "refused");
  EXPECT_EQ(line["name"], "the-read");
  EXPECT_EQ(line["code"], "PERMISSION_DENIED");
}

TEST_F(AuditTest, LookingLeavesNoLine) {
  Call(Role::kRead, &v1::SweepService::Stub::ListWorkers, v1::ListWorkersRequest());
  v1::CancelSweepRequest last;
  Call(Role::kSubmit, &v1::SweepService::Stub::CancelSweep, last);
  LineOf("SweepService/CancelSweep");
  EXPECT_THAT(ReadFile(options_.guards.audit_log).value(),
              ::testing::Not(::testing::HasSubstr("ListWorkers")));
}

TEST_F(AuditTest, AnUploadIsWrittenWithItsBlob) {
  grpc::ClientContext context;
  v1::PutBlobResponse response;
  const auto stub = v1::SweepService::NewStub(ConnectPlainly(TokenOf(Role::kSubmit)));
  const auto writer = stub->PutBlob(&context, &response);
  v1::BlobChunk chunk;
  chunk.set_digest(std::string(64, 'a'));
  chunk.set_data("x");
  writer->Write(chunk);
  chunk.clear_digest();
  writer->Write(chunk);
  writer->WritesDone();
  writer->Finish();
  EXPECT_EQ(LineOf("SweepService/PutBlob")["blob"], std::string(64, 'a'));
}

}  // namespace
}  // namespace probesweep::server
