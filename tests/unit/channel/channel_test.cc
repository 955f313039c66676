#include "common/rpc/channel.h"

#include "tests/support/certificates.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep {
namespace {

const std::string kToken(32, 'a');

absl::Status Connect(const ChannelSecurity& security, const std::string& address) {
  const absl::StatusOr<ChannelFactory> factory = ChannelFactory::Create(security);
  if (!factory.ok()) return factory.status();
  return factory->Connect(address, grpc::ChannelArguments()).status();
}

TEST(ChannelFactoryTest, ATokenGoesToLoopbackOrOverTls) {
  const testing::TempDir folder;
  ChannelSecurity security;
  security.token = kToken;
  EXPECT_OK(Connect(security, "127.0.0.1:1"));
  EXPECT_OK(Connect(security, "[::1]:1"));
  EXPECT_STATUS(Connect(security, "node.lan:1"), kFailedPrecondition, "node.lan:1", "plain text", "--tls-ca");
  EXPECT_STATUS(Connect(security, "127.0.0.1.evil.org:1"), kFailedPrecondition);
  security.tls.ca = testing::CertificateAuthority().Issue(folder.File("x")).ca;
  EXPECT_OK(Connect(security, "node.lan:1"));
  EXPECT_OK(Connect({}, "node.lan:1"));
}

TEST(ChannelFactoryTest, FilesOfTlsAreCheckedFirst) {
  const testing::TempDir folder;
  const TlsFiles files = testing::CertificateAuthority().Issue(folder.File("x"));
  EXPECT_OK(Connect({files, "", ""}, "node.lan:1"));
  EXPECT_STATUS(Connect({{files.cert, files.key, ""}, "", ""}, "node.lan:1"), kInvalidArgument, "--tls-ca");
  EXPECT_STATUS(Connect({{files.cert, "", files.ca}, "", ""}, "node.lan:1"), kInvalidArgument, "--tls-key");
  EXPECT_STATUS(Connect({{"", "", "/nowhere"}, "", ""}, "node.lan:1"), kNotFound, "--tls-ca", "/nowhere");
}

}  // namespace
}  // namespace probesweep
