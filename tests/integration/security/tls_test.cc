// Who gets through TLS, and who does not.
#include "tests/integration/security/security_fixture.h"

namespace probesweep::server {
namespace {

class TlsTest : public SecurityFixture {
 protected:
  void StartWith(bool client_certificates) {
    options_.guards.tls = authority_.Issue(folder_.File("server"));
    if (!client_certificates) options_.guards.tls.ca.clear();
    Start();
  }
  TlsFiles TrustOnly() { return {"", "", authority_.Issue(folder_.File("trust")).ca}; }
  // A handshake that fails ends in UNAVAILABLE, as does a server that is not there.
  void ExpectRefused(const ChannelSecurity& security) {
    EXPECT_STATUS(Ask(Connect(security)), kUnavailable);
    EXPECT_TRUE(Served(healthy_)) << "the server suffered";
  }
  void ConnectHealthy() {
    healthy_ = Connect({authority_.Issue(folder_.File("healthy")), "", ""});
    ASSERT_TRUE(Served(healthy_));
  }

  std::shared_ptr<grpc::Channel> healthy_;
};

TEST_F(TlsTest, WithoutAClientCaAnyoneIsServedOverTls) {
  StartWith(/*client_certificates=*/false);
  EXPECT_TRUE(Served(Connect({TrustOnly(), "", ""})));
  ConnectHealthy();
  ExpectRefused({});  // plain text
}

TEST_F(TlsTest, AClientWithoutACertificateIsRefused) {
  StartWith(/*client_certificates=*/true);
  ConnectHealthy();
  ExpectRefused({TrustOnly(), "", ""});
}

TEST_F(TlsTest, ACertificateOfAnotherCaIsRefused) {
  StartWith(/*client_certificates=*/true);
  ConnectHealthy();
  const TlsFiles forged = testing::CertificateAuthority().Issue(folder_.File("forged"));
  ExpectRefused({{forged.cert, forged.key, TrustOnly().ca}, "", ""});
}

TEST_F(TlsTest, AnExpiredCertificateIsRefused) {
  StartWith(/*client_certificates=*/true);
  ConnectHealthy();
  testing::CertificateOptions options;
  options.end = absl::Now() + absl::Seconds(2);
  const TlsFiles expiring = authority_.Issue(folder_.File("expiring"), options);
  // Our own clients do not even try with one; this one expires between the look and the handshake.
  const auto channel = Connect({expiring, "", ""});
  absl::SleepFor(absl::Seconds(3));
  EXPECT_STATUS(Ask(channel), kUnavailable);
  EXPECT_TRUE(Served(healthy_));
}

TEST_F(TlsTest, AClientRefusesAServerOfAnotherNameOrCa) {
  testing::CertificateOptions options;
  options.alternative_names = "DNS:elsewhere.lan";
  options_.guards.tls = authority_.Issue(folder_.File("server"), options);
  options_.guards.tls.ca.clear();
  Start();
  EXPECT_STATUS(Ask(Connect({TrustOnly(), "", ""})), kUnavailable, "Hostname");
  server_.reset();
  StartWith(/*client_certificates=*/false);
  EXPECT_TRUE(Served(Connect({TrustOnly(), "", ""})));
  const TlsFiles others = {"", "", testing::CertificateAuthority().Issue(folder_.File("others")).ca};
  EXPECT_STATUS(Ask(Connect({others, "", ""})), kUnavailable, "certificate verify failed");
}

TEST_F(TlsTest, AServerDoesNotStartWithFilesThatDoNotWork) {
  const TlsFiles good = authority_.Issue(folder_.File("server"));
  const TlsFiles other = authority_.Issue(folder_.File("other"));
  const struct {
    TlsFiles files;
    absl::StatusCode code;
    std::vector<std::string> parts;
  } cases[] = {
      {{good.cert, other.key, ""}, absl::StatusCode::kFailedPrecondition, {"--tls-key", other.key}},
      {{good.cert, "", ""}, absl::StatusCode::kInvalidArgument, {"--tls-key"}},
      {{"", "", good.ca}, absl::StatusCode::kInvalidArgument, {"--tls-client-ca"}},
      {{good.cert, good.key, "/nowhere"}, absl::StatusCode::kNotFound, {"--tls-client-ca", "/nowhere"}},
  };
  for (const auto& c : cases) {
    options_.guards.tls = c.files;
    EXPECT_TRUE(testing::StatusIs(Server::Start(options_).status(), c.code, c.parts));
  }
}

}  // namespace
}  // namespace probesweep::server
