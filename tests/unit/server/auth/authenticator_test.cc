#include "server/auth/authenticator.h"

#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/file.h"
#include "server/auth/access_table.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::server {
namespace {

const std::string kReadToken(32, 'r');
const std::string kAdminToken(40, 'a');
const char kGetSweep[] = "/probesweep.v1.SweepService/GetSweep";
const char kDeleteSweep[] = "/probesweep.v1.SweepService/DeleteSweep";

std::string Line(const std::string& name, const std::string& roles, const std::string& token) {
  return absl::StrCat(name, " ", roles, " sha256:", Sha256Hex(token), "\n");
}

Presented Token(const std::string& token) { return {"Bearer " + token, {}}; }

Presented Certificate(std::vector<Credential> names) { return {std::nullopt, std::move(names)}; }

class AuthenticatorTest : public ::testing::Test {
 protected:
  void Write(const std::string& text) {
    ASSERT_OK(WriteFileAtomically(path_, text));
    ASSERT_EQ(::chmod(path_.c_str(), 0600), 0);
  }
  std::unique_ptr<Authenticator> Open(const std::string& text) {
    Write(text);
    absl::StatusOr<std::unique_ptr<Authenticator>> opened = Authenticator::FromFile(path_);
    EXPECT_OK(opened);
    return *std::move(opened);
  }

  const testing::TempDir folder_;
  const std::string path_ = folder_.File("logins");
};

TEST_F(AuthenticatorTest, ATokenIsKnownByItsDigest) {
  const auto authenticator = Open(Line("ada", "read", kReadToken) + Line("ops", "admin", kAdminToken));
  ASSERT_OK_AND_ASSIGN(const Identity identity, authenticator->Identify(Token(kAdminToken)));
  EXPECT_EQ(identity.name, "ops");
  EXPECT_EQ(identity.roles, RoleSet{Role::kAdmin});
  EXPECT_EQ(identity.credential, "token");
  for (const std::string& wrong :
       {kReadToken + "r", kReadToken.substr(1), Sha256Hex(kReadToken), std::string(), std::string(32, 'R')}) {
    const absl::Status status = authenticator->Identify(Token(wrong)).status();
    EXPECT_STATUS(status, kUnauthenticated, "does not know this token", "PROBESWEEP_TOKEN");
    if (!wrong.empty()) {
      EXPECT_EQ(status.message().find(wrong.data(), 0, wrong.size()), std::string::npos);
    }
  }
  EXPECT_STATUS(authenticator->Identify({"Basic " + kReadToken, {}}), kUnauthenticated, "bearer");
  EXPECT_STATUS(authenticator->Identify({}), kUnauthenticated, "asks for a login", "--token-file");
}

TEST_F(AuthenticatorTest, LinesWithTheSameCredentialAddTheirRoles) {
  const auto authenticator = Open(Line("ada", "read", kReadToken) + Line("ada", "worker", kReadToken));
  EXPECT_EQ(authenticator->Identify(Token(kReadToken))->roles, (RoleSet{Role::kRead, Role::kWorker}));
}

TEST_F(AuthenticatorTest, ACertificateIsKnownByItsNames) {
  using Kind = Credential::Kind;
  const auto authenticator =
      Open("nodes worker uri:spiffe://lab/worker/*\nada submit cn:ada\nci read dns:*.ci.lab\n");
  ASSERT_OK_AND_ASSIGN(const Identity node,
                       authenticator->Identify(Certificate(
                           {{Kind::kCommonName, "node7"}, {Kind::kUri, "spiffe://lab/worker/7"}})));
  EXPECT_EQ(node.name, "nodes");
  EXPECT_EQ(node.credential, "uri:spiffe://lab/worker/7");
  EXPECT_EQ(authenticator->Identify(Certificate({{Kind::kDns, "a.ci.lab"}}))->name, "ci");
  EXPECT_EQ(authenticator->Identify(Certificate({{Kind::kCommonName, "ada"}}))->name, "ada");
  // A name counts as what it is only.
  for (const Credential& stranger : {Credential{Kind::kUri, "ada"},
                                     {Kind::kDns, "ada"},
                                     {Kind::kCommonName, "Ada"},
                                     {Kind::kCommonName, "ada "},
                                     {Kind::kUri, "spiffe://lab/worke"},
                                     {Kind::kDns, "a.ci.lab.evil"}}) {
    EXPECT_STATUS(authenticator->Identify(Certificate({stranger})), kUnauthenticated, stranger.value,
                  "--tokens");
  }
}

TEST_F(AuthenticatorTest, ATokenDecidesOverTheCertificate) {
  const auto authenticator = Open(Line("ada", "read", kReadToken) + "nodes worker cn:*\n");
  const std::vector<Credential> names = {{Credential::Kind::kCommonName, "n"}};
  EXPECT_EQ(authenticator->Identify({"Bearer " + kReadToken, names})->name, "ada");
  EXPECT_STATUS(authenticator->Identify({"Bearer " + kAdminToken, names}), kUnauthenticated);
}

TEST_F(AuthenticatorTest, ARoleDecidesWhatMayBeCalled) {
  const auto authenticator = Open(Line("ada", "read", kReadToken) + Line("ops", "admin", kAdminToken));
  EXPECT_OK(authenticator->Authorize(Token(kReadToken), kGetSweep));
  EXPECT_OK(authenticator->Authorize(Token(kAdminToken), kDeleteSweep));
  EXPECT_STATUS(authenticator->Authorize(Token(kReadToken), kDeleteSweep), kPermissionDenied, "'ada'", "read",
                kDeleteSweep, "admin");
  EXPECT_STATUS(authenticator->Authorize({}, kGetSweep), kUnauthenticated);
}

TEST_F(AuthenticatorTest, AMethodThatIsNotInTheTableIsRefusedToEveryone) {
  const auto authenticator = Open(Line("ops", "admin", kAdminToken));
  EXPECT_STATUS(authenticator->Authorize(Token(kAdminToken), "/probesweep.v1.SweepService/Format"),
                kUnimplemented, "Format");
  EXPECT_STATUS(authenticator->Authorize({}, "/probesweep.v1.SweepService/Format"), kUnauthenticated);
}

TEST_F(AuthenticatorTest, OpenMethodsNeedNoLogin) {
  const auto authenticator = Open(Line("ops", "admin", kAdminToken));
  EXPECT_EQ(authenticator->Authorize({}, "/grpc.health.v1.Health/Check")->name, "anonymous");
  EXPECT_OK(authenticator->Authorize(Token(kReadToken), "/grpc.health.v1.Health/Check"));
}

TEST_F(AuthenticatorTest, AFileThatChangedIsReadAgain) {
  const auto authenticator = Open(Line("ada", "read", kReadToken));
  Write(Line("ops", "admin", kAdminToken));
  EXPECT_OK(authenticator->Identify(Token(kReadToken)));
  authenticator->Reload();
  EXPECT_STATUS(authenticator->Identify(Token(kReadToken)), kUnauthenticated);
  EXPECT_OK(authenticator->Identify(Token(kAdminToken)));
  Write("nonsense\n");
  authenticator->Reload();
  EXPECT_OK(authenticator->Identify(Token(kAdminToken)));
}

TEST(OpenAuthenticatorTest, LetsEveryoneDoEverything) {
  const auto authenticator = Authenticator::Open();
  EXPECT_FALSE(authenticator->asks_for_login());
  for (const AccessRule& rule : AccessTable()) EXPECT_OK(authenticator->Authorize({}, rule.method));
  EXPECT_EQ(authenticator->Identify({})->name, "anonymous");
  EXPECT_EQ(authenticator->Identify(Certificate({{Credential::Kind::kCommonName, "n7"}}))->name, "n7");
}

}  // namespace
}  // namespace probesweep::server
