#include "tests/integration/security/security_fixture.h"

#include <sys/stat.h>

#include <chrono>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/rpc/channel.h"

namespace probesweep::server {

SecurityFixture::SecurityFixture() {
  options_.data_folder = folder_.File("data");
  options_.listen_address = "127.0.0.1:0";
  options_.http_address = "127.0.0.1:0";
  options_.shutdown_grace = absl::Seconds(1);
  options_.guards.audit_log = folder_.File("audit.jsonl");
}

void SecurityFixture::Start() {
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(options_);
  ASSERT_OK(server);
  server_ = *std::move(server);
}

std::string SecurityFixture::TokenOf(Role role) { return absl::StrCat(RoleName(role), std::string(32, '-')); }

std::string SecurityFixture::TokenLines() {
  std::string lines;
  for (const Role role : kRoles) {
    absl::StrAppend(&lines, "the-", RoleName(role), " ", RoleName(role), " sha256:", Sha256Hex(TokenOf(role)),
                    "\n");
  }
  return lines;
}

std::string SecurityFixture::CertificateLines() {
  std::string lines;
  for (const Role role : kRoles) {
    absl::StrAppend(&lines, "host-", RoleName(role), " ", RoleName(role), " cn:", RoleName(role), "\n");
  }
  return lines;
}

void SecurityFixture::WriteLogins(const std::string& lines) {
  options_.guards.tokens_file = folder_.File("logins");
  ASSERT_OK(WriteFileAtomically(options_.guards.tokens_file, lines));
  ASSERT_EQ(::chmod(options_.guards.tokens_file.c_str(), 0600), 0);
}

std::shared_ptr<grpc::Channel> SecurityFixture::Connect(const ChannelSecurity& security) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
  absl::StatusOr<ChannelFactory> factory = ChannelFactory::Create(security);
  EXPECT_OK(factory);
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel =
      factory->Connect(server_->grpc_address(), arguments);
  EXPECT_OK(channel);
  return *std::move(channel);
}

std::shared_ptr<grpc::Channel> SecurityFixture::ConnectPlainly(const std::string& token) {
  ChannelSecurity security;
  security.token = token;
  return Connect(security);
}

absl::Status SecurityFixture::Ask(const std::shared_ptr<grpc::Channel>& channel, absl::Duration timeout) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(timeout));
  v1::GetSweepRequest request;
  request.set_sweep_id("none");
  v1::Sweep response;
  const grpc::Status status = v1::SweepService::NewStub(channel)->GetSweep(&context, request, &response);
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

bool SecurityFixture::Eventually(const std::function<bool()>& condition, absl::Duration patience) {
  const auto deadline = std::chrono::steady_clock::now() + absl::ToChronoMilliseconds(patience);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

}  // namespace probesweep::server
