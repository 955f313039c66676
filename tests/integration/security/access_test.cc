// Every role × every RPC of the access table, over a real server.
#include <grpcpp/generic/generic_stub.h>

#include "absl/strings/match.h"
#include "server/auth/access_table.h"
#include "tests/integration/security/security_fixture.h"

namespace probesweep::server {
namespace {

// Calls any method with an empty message. Of a stream without end the first answer is awaited.
absl::Status CallWithNothing(const std::shared_ptr<grpc::Channel>& channel, const std::string& method) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  grpc::CompletionQueue queue;
  const auto await = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  const auto call = stub.PrepareCall(&context, method, &queue);
  call->StartCall(nullptr);
  await();
  const grpc::Slice nothing;
  call->WriteLast(grpc::ByteBuffer(&nothing, 1), grpc::WriteOptions(), nullptr);
  await();
  grpc::ByteBuffer response;
  call->Read(&response, nullptr);
  const bool answered = await();
  const bool endless = absl::EndsWith(method, "Health/Watch");
  if (answered && endless) context.TryCancel();
  grpc::Status status;
  call->Finish(&status, nullptr);
  await();
  if (answered && endless) return absl::OkStatus();
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

// The call got behind the login: whatever its handler says of an empty message.
bool CameThrough(const absl::Status& status) {
  return !absl::IsUnauthenticated(status) && !absl::IsPermissionDenied(status) &&
         !absl::IsUnimplemented(status) && !absl::IsUnavailable(status) && !absl::IsDeadlineExceeded(status);
}

class AccessTest : public SecurityFixture {
 protected:
  void SetUp() override {
    options_.guards.tls = authority_.Issue(folder_.File("server"));
    WriteLogins(TokenLines() + CertificateLines());
    Start();
  }
  TlsFiles CertificateOf(const std::string& common_name) {
    testing::CertificateOptions options;
    options.common_name = common_name;
    return authority_.Issue(folder_.File(common_name), options);
  }
  void ExpectAccessOf(Role role, const std::shared_ptr<grpc::Channel>& channel) {
    for (const AccessRule& rule : AccessTable()) {
      const absl::Status status = CallWithNothing(channel, rule.method);
      if (rule.open || rule.roles.Has(role)) {
        EXPECT_TRUE(CameThrough(status)) << RoleName(role) << " " << rule.method << ": " << status;
      } else {
        EXPECT_STATUS(status, kPermissionDenied, RoleName(role), rule.method, "--tokens");
      }
    }
  }
  void ExpectNoAccess(const std::shared_ptr<grpc::Channel>& channel) {
    for (const AccessRule& rule : AccessTable()) {
      const absl::Status status = CallWithNothing(channel, rule.method);
      if (rule.open) {
        EXPECT_OK(status) << rule.method;
      } else {
        EXPECT_TRUE(absl::IsUnauthenticated(status)) << rule.method << ": " << status;
      }
    }
  }
};

TEST_F(AccessTest, EveryRoleByTokenMayCallWhatTheTableSays) {
  const TlsFiles stranger = CertificateOf("stranger");
  for (const Role role : kRoles) ExpectAccessOf(role, Connect({stranger, TokenOf(role), ""}));
}

TEST_F(AccessTest, EveryRoleByCertificateMayCallWhatTheTableSays) {
  for (const Role role : kRoles) ExpectAccessOf(role, Connect({CertificateOf(RoleName(role)), "", ""}));
}

TEST_F(AccessTest, NobodyAndAnUnknownTokenMayCallWhatIsOpenAlone) {
  const TlsFiles stranger = CertificateOf("stranger");
  ExpectNoAccess(Connect({stranger, "", ""}));
  ExpectNoAccess(Connect({stranger, UnknownToken(), ""}));
}

TEST_F(AccessTest, TokensWorkOnLoopbackWithoutTlsToo) {
  server_.reset();
  options_.guards.tls = {};
  Start();
  for (const Role role : kRoles) ExpectAccessOf(role, ConnectPlainly(TokenOf(role)));
  ExpectNoAccess(ConnectPlainly());
  ExpectNoAccess(ConnectPlainly(UnknownToken()));
}

TEST_F(AccessTest, WithoutLoginsWhoeverHasACertificateMayCallEverything) {
  server_.reset();
  options_.guards.tokens_file.clear();
  Start();
  ExpectAccessOf(Role::kAdmin, Connect({CertificateOf("stranger"), "", ""}));
}

TEST_F(AccessTest, AMethodThatDoesNotExistIsNotThereForAnyone) {
  const auto channel = Connect({CertificateOf("admin"), "", ""});
  EXPECT_STATUS(CallWithNothing(channel, "/probesweep.v1.SweepService/Format"), kUnimplemented, "Format");
}

}  // namespace
}  // namespace probesweep::server
