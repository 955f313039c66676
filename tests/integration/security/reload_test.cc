// Files replaced under a running server.
#include <sys/stat.h>

#include "common/file.h"
#include "tests/integration/security/security_fixture.h"

namespace probesweep::server {
namespace {

class ReloadTest : public SecurityFixture {
 protected:
  void SetUp() override {
    options_.guards.tls = authority_.Issue(folder_.File("server"));
    Start();
    mine_ = authority_.Issue(folder_.File("mine"));
  }

  const testing::CertificateAuthority next_authority_;
  TlsFiles mine_;
};

TEST_F(ReloadTest, ANewCertificateIsServedToNewConnections) {
  const auto before = Connect({mine_, "", ""});
  ASSERT_TRUE(Served(before));
  // Clients that trust the next CA alone tell whether the new certificate is served.
  const TlsFiles next = next_authority_.Issue(folder_.File("next"));
  const auto served_the_new_one = [&] { return Served(Connect({{mine_.cert, mine_.key, next.ca}, "", ""})); };
  EXPECT_FALSE(served_the_new_one());
  ASSERT_OK(WriteFileAtomically(options_.guards.tls.cert, ReadFile(next.cert).value()));
  ASSERT_OK(WriteFileAtomically(options_.guards.tls.key, ReadFile(next.key).value()));
  EXPECT_TRUE(Eventually(served_the_new_one));
  EXPECT_TRUE(Served(before)) << "a connection that was there broke";
}

TEST_F(ReloadTest, AnotherClientCaIsTakenForNewConnections) {
  const TlsFiles next = next_authority_.Issue(folder_.File("next"));
  const auto next_client = [&] { return Served(Connect({{next.cert, next.key, mine_.ca}, "", ""})); };
  EXPECT_FALSE(next_client());
  ASSERT_OK(WriteFileAtomically(options_.guards.tls.ca, ReadFile(next.ca).value()));
  EXPECT_TRUE(Eventually(next_client));
  EXPECT_FALSE(Served(Connect({mine_, "", ""})));
}

// Between the replacement of one file and of the other.
TEST_F(ReloadTest, APairThatDoesNotFitKeepsConnectionsAndIsMendedByTheSecondFile) {
  const auto before = Connect({mine_, "", ""});
  ASSERT_TRUE(Served(before));
  const TlsFiles next = authority_.Issue(folder_.File("next"));
  ASSERT_OK(WriteFileAtomically(options_.guards.tls.cert, ReadFile(next.cert).value()));
  EXPECT_TRUE(Eventually([&] { return !Served(Connect({mine_, "", ""})); }));
  EXPECT_TRUE(Served(before));
  ASSERT_OK(WriteFileAtomically(options_.guards.tls.key, ReadFile(next.key).value()));
  EXPECT_TRUE(Eventually([&] { return Served(Connect({mine_, "", ""})); }));
}

TEST_F(ReloadTest, LoginsThatChangeCountForCallsOfOpenConnectionsToo) {
  server_.reset();
  WriteLogins(TokenLines());
  Start();
  const auto channel = Connect({mine_, TokenOf(Role::kRead), ""});
  ASSERT_TRUE(Served(channel));
  WriteLogins("someone admin cn:someone\n");
  EXPECT_TRUE(Eventually([&] { return absl::IsUnauthenticated(Ask(channel)); }));
  WriteLogins("not a login\n");
  absl::SleepFor(absl::Seconds(3));
  EXPECT_TRUE(absl::IsUnauthenticated(Ask(channel)));
  WriteLogins(TokenLines());
  EXPECT_TRUE(Eventually([&] { return Served(channel); }));
}

TEST_F(ReloadTest, AClientTakesItsNewTokenWithoutARestart) {
  server_.reset();
  WriteLogins(TokenLines());
  Start();
  const std::string file = folder_.File("token");
  ASSERT_OK(WriteFileAtomically(file, UnknownToken()));
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  const auto channel = Connect({mine_, "", file});
  EXPECT_STATUS(Ask(channel), kUnauthenticated);
  ASSERT_OK(WriteFileAtomically(file, TokenOf(Role::kRead)));
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  EXPECT_TRUE(Eventually([&] { return Served(channel); }, absl::Seconds(20)));
}

}  // namespace
}  // namespace probesweep::server
