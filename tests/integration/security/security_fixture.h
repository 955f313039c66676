// A coordinator with TLS and logins in this process, and callers of every kind.
#ifndef PROBESWEEP_TESTS_INTEGRATION_SECURITY_SECURITY_FIXTURE_H_
#define PROBESWEEP_TESTS_INTEGRATION_SECURITY_SECURITY_FIXTURE_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>

#include "common/rpc/channel_security.h"
#include "probesweep/v1/sweep_service.grpc.pb.h"
#include "server/server.h"
#include "tests/support/certificates.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::server {

class SecurityFixture : public ::testing::Test {
 protected:
  SecurityFixture();

  // With the options as the test has set them.
  void Start();

  // A token of a role, one that nobody has, and the lines that make a file of all roles' tokens.
  static std::string TokenOf(Role role);
  static std::string UnknownToken() { return std::string(40, 'x'); }
  static std::string TokenLines();
  // Lines for certificates with the roles' names as common names.
  static std::string CertificateLines();
  void WriteLogins(const std::string& lines);

  // Each of these connects anew: what is set up at connecting is looked at again.
  std::shared_ptr<grpc::Channel> Connect(const ChannelSecurity& security);
  std::shared_ptr<grpc::Channel> ConnectPlainly(const std::string& token = "");
  // GetSweep of a sweep that is not there: NOT_FOUND says that the call came through.
  static absl::Status Ask(const std::shared_ptr<grpc::Channel>& channel,
                          absl::Duration timeout = absl::Seconds(5));
  static bool Served(const std::shared_ptr<grpc::Channel>& channel) { return absl::IsNotFound(Ask(channel)); }

  static bool Eventually(const std::function<bool()>& condition, absl::Duration patience = absl::Seconds(10));

  const testing::TempDir folder_;
  const testing::CertificateAuthority authority_;
  ServerOptions options_;
  std::unique_ptr<Server> server_;
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_TESTS_INTEGRATION_SECURITY_SECURITY_FIXTURE_H_
