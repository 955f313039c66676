// Files that hold secrets, tokens, certificates.
#include <sys/stat.h>

#include "common/file.h"
#include "common/file_stamp.h"
#include "common/loopback.h"
#include "common/secret_file.h"
#include "common/tls_files.h"
#include "tests/support/certificates.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep {
namespace {

const char kToken[] = "0123456789abcdef0123456789abcdef";

class GuardedFilesTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text, mode_t mode) {
    const std::string path = folder_.File(name);
    EXPECT_OK(WriteFileAtomically(path, text));
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }
  std::string Copy(const std::string& from, const std::string& name, mode_t mode) {
    return Write(name, ReadFile(from).value(), mode);
  }

  const testing::TempDir folder_;
};

TEST_F(GuardedFilesTest, WhoElseMayReadOrWriteDecides) {
  const struct {
    mode_t mode;
    bool as_rules, as_secret;
  } cases[] = {{0600, true, true},   {0640, true, true},   {0644, true, false},
               {0660, false, false}, {0602, false, false}, {0666, false, false}};
  for (const auto& c : cases) {
    const std::string path = Write("file", "x", c.mode);
    EXPECT_EQ(CheckFileGuard(path, FileGuard::kNotWritableByOthers, "--f").ok(), c.as_rules) << c.mode;
    EXPECT_EQ(CheckFileGuard(path, FileGuard::kNotReadableByOthers, "--f").ok(), c.as_secret) << c.mode;
  }
  EXPECT_STATUS(CheckFileGuard(Write("f", "x", 0644), FileGuard::kNotReadableByOthers, "--token-file"),
                kFailedPrecondition, "--token-file", folder_.path(), "chmod");
  EXPECT_STATUS(CheckFileGuard("/nowhere", FileGuard::kNotReadableByOthers, "--token-file"), kNotFound,
                "--token-file", "/nowhere");
}

TEST_F(GuardedFilesTest, ATokenIsReadWithoutTheBlanksAroundIt) {
  EXPECT_EQ(ReadTokenFile(Write("t", std::string(kToken) + "\n", 0600), "--token-file").value(), kToken);
  EXPECT_STATUS(ReadTokenFile(Write("t", kToken, 0644), "--token-file"), kFailedPrecondition, "chmod");
}

TEST_F(GuardedFilesTest, WhatIsNoTokenIsRefusedWithoutQuotingIt) {
  for (const std::string& text : {std::string("shortsecret"), std::string(31, 'a'), std::string(513, 'a'),
                                  std::string(kToken) + " " + kToken, std::string(kToken) + "\x01",
                                  std::string(kToken) + "é", std::string()}) {
    const absl::Status status = CheckToken(text, "PROBESWEEP_TOKEN");
    EXPECT_STATUS(status, kInvalidArgument, "PROBESWEEP_TOKEN", "openssl rand");
    if (!text.empty()) {
      EXPECT_EQ(status.message().find(text.data(), 0, text.size()), std::string::npos);
    }
  }
  EXPECT_OK(CheckToken(std::string(512, 'a'), ""));
  EXPECT_OK(CheckToken(std::string(32, '~'), ""));
}

TEST_F(GuardedFilesTest, CertificateAndKeyMustFitTogetherAndBeValid) {
  const testing::CertificateAuthority authority;
  const TlsFiles files = authority.Issue(folder_.File("server"));
  const TlsFiles other = authority.Issue(folder_.File("other"));
  const absl::Time now = absl::Now();
  EXPECT_OK(CheckIdentityFiles(files, now));
  EXPECT_OK(CheckAuthorityFile(files, "--tls-ca"));
  EXPECT_STATUS(CheckIdentityFiles({files.cert, other.key, ""}, now), kFailedPrecondition, other.key,
                files.cert);
  EXPECT_STATUS(CheckIdentityFiles({files.cert, "", ""}, now), kInvalidArgument, "--tls-key");
  EXPECT_STATUS(CheckIdentityFiles({"", files.key, ""}, now), kInvalidArgument, "--tls-cert");
  EXPECT_STATUS(CheckIdentityFiles(files, now + absl::Hours(2)), kFailedPrecondition, files.cert, "expired");
  EXPECT_STATUS(CheckIdentityFiles(files, now - absl::Hours(48)), kFailedPrecondition, "not valid before");
  EXPECT_STATUS(CheckIdentityFiles({files.cert, "/nowhere", ""}, now), kNotFound, "--tls-key", "/nowhere");
  EXPECT_STATUS(CheckIdentityFiles({files.key, files.key, ""}, now), kFailedPrecondition, "no certificate");
  EXPECT_STATUS(CheckIdentityFiles({files.cert, files.cert, ""}, now), kFailedPrecondition);
  EXPECT_STATUS(CheckIdentityFiles({files.cert, Copy(files.key, "open.key", 0644), ""}, now),
                kFailedPrecondition, "open.key", "chmod");
  EXPECT_STATUS(CheckIdentityFiles({files.cert, Copy(files.cert, "cert.key", 0600), ""}, now),
                kFailedPrecondition, "no private key");
  EXPECT_STATUS(CheckAuthorityFile({"", "", files.key}, "--tls-ca"), kFailedPrecondition, "--tls-ca",
                files.key);
}

TEST_F(GuardedFilesTest, TheEndOfACertificateIsRead) {
  testing::CertificateOptions options;
  options.end = absl::FromUnixSeconds(4'000'000'000);
  const TlsFiles files = testing::CertificateAuthority().Issue(folder_.File("server"), options);
  EXPECT_EQ(CertificateEnd(files.cert).value(), options.end);
}

TEST_F(GuardedFilesTest, AStampTellsWhetherAFileIsAnother) {
  const std::string path = Write("file", "x", 0600);
  const std::string stamp = FileStamp(path);
  EXPECT_EQ(FileStamp(path), stamp);
  EXPECT_EQ(::chmod(path.c_str(), 0640), 0);
  EXPECT_NE(FileStamp(path), stamp);
  Write("file", "y", 0600);
  EXPECT_NE(FileStamp(path), stamp);
  EXPECT_NE(FileStamp(folder_.File("none")), stamp);
}

TEST(LoopbackTest, OnlyThisMachineReachesLoopback) {
  for (const char* host : {"localhost", "127.0.0.1", "127.1.2.3", "::1"})
    EXPECT_TRUE(IsLoopback(host)) << host;
  for (const char* host :
       {"0.0.0.0", "::", "192.168.0.1", "128.0.0.1", "node.lan", "127.0.0.1.evil.org", ""}) {
    EXPECT_FALSE(IsLoopback(host)) << host;
  }
  EXPECT_EQ(HostOf("127.0.0.1:1"), "127.0.0.1");
  EXPECT_EQ(HostOf("[::1]:1"), "::1");
  EXPECT_EQ(HostOf("node"), "node");
}

}  // namespace
}  // namespace probesweep
