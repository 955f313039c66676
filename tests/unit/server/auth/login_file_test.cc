#include "server/auth/login_file.h"

#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::server {
namespace {

const std::string kDigest = Sha256Hex("a token");

TEST(LoginFileTest, EachLineIsALogin) {
  ASSERT_OK_AND_ASSIGN(const std::vector<Login> logins,
                       ParseLogins(absl::StrCat("# people\n\nada read,submit sha256:", kDigest,
                                                "\r\n\tnodes\tworker  uri:spiffe://lab/worker/*\n"
                                                "ops admin cn:ops@lab\nci submit dns:ci.lab"),
                                   "f"));
  ASSERT_EQ(logins.size(), 4);
  EXPECT_EQ(logins[0].name, "ada");
  EXPECT_EQ(logins[0].roles, (RoleSet{Role::kRead, Role::kSubmit}));
  EXPECT_EQ(logins[0].credential.kind, Credential::Kind::kToken);
  EXPECT_EQ(logins[0].credential.value, kDigest);
  EXPECT_EQ(logins[1].name, "nodes");
  EXPECT_EQ(logins[1].roles, RoleSet{Role::kWorker});
  EXPECT_EQ(logins[1].credential.kind, Credential::Kind::kUri);
  EXPECT_EQ(logins[1].credential.value, "spiffe://lab/worker/*");
  EXPECT_EQ(logins[2].credential.kind, Credential::Kind::kCommonName);
  EXPECT_EQ(logins[3].credential.kind, Credential::Kind::kDns);
}

TEST(LoginFileTest, AMistakeIsNamedWithItsLine) {
  const struct {
    std::string line;
    std::string part;
  } cases[] = {
      {"ada read", "2 fields; write NAME ROLE[,ROLE] CREDENTIAL"},
      {absl::StrCat("ada lovelace read sha256:", kDigest), "4 fields"},
      {absl::StrCat("ada! read sha256:", kDigest), "'ada!' is no name"},
      {absl::StrCat(std::string(65, 'a'), " read sha256:", kDigest), "1 to 64"},
      {absl::StrCat("ada reed sha256:", kDigest), "'reed' is no role; did you mean 'read'?"},
      {absl::StrCat("ada read,,submit sha256:", kDigest), "'' is no role"},
      {"ada read sha256:abc", "64 lower-case hex digits"},
      {"ada read cn:", "no name follows cn:"},
      {"ada read cn:*a*", "more than one '*'"},
      {"ada read email:ada@lab", "none of sha256:DIGEST"},
  };
  for (const auto& c : cases) {
    EXPECT_STATUS(ParseLogins("# first\n" + c.line, "logins.txt"), kInvalidArgument,
                  "logins.txt:2: ", c.part);
  }
}

TEST(LoginFileTest, ATokenWrittenDownInPlaceOfItsDigestIsNotQuoted) {
  const std::string token = "c0ffee00c0ffee00c0ffee00c0ffee00";
  const absl::Status status = ParseLogins("ada read " + token, "f").status();
  EXPECT_STATUS(status, kInvalidArgument, "does not belong into this file");
  EXPECT_EQ(status.message().find(token.data(), 0, token.size()), std::string::npos);
}

TEST(LoginFileTest, AFileWithNobodyInItIsRefused) {
  EXPECT_STATUS(ParseLogins("# none\n", "f"), kInvalidArgument, "nobody");
}

TEST(LoginFileTest, AFileThatOthersCanChangeIsRefused) {
  const testing::TempDir folder;
  const std::string path = folder.File("logins");
  ASSERT_OK(WriteFileAtomically(path, "ops admin cn:ops\n"));
  ASSERT_EQ(::chmod(path.c_str(), 0664), 0);
  EXPECT_STATUS(ReadLoginFile(path), kFailedPrecondition, "--tokens", path, "chmod go-w");
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  EXPECT_OK(ReadLoginFile(path));
  EXPECT_STATUS(ReadLoginFile("/nowhere"), kNotFound, "--tokens", "/nowhere");
}

}  // namespace
}  // namespace probesweep::server
