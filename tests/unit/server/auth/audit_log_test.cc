#include "server/auth/audit_log.h"

#include <sys/stat.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "absl/strings/str_split.h"
#include "common/file.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::server {
namespace {

AuditEntry Entry() {
  AuditEntry entry;
  entry.identity = {"ada", RoleSet{Role::kSubmit}, "token"};
  entry.peer = "ipv4:10.0.0.7:41234";
  entry.method = "/probesweep.v1.SweepService/CancelSweep";
  entry.sweep_id = "sweep-1";
  return entry;
}

class AuditLogTest : public ::testing::Test {
 protected:
  std::vector<nlohmann::json> Lines(const std::string& path) {
    std::vector<nlohmann::json> lines;
    const std::string text = ReadFile(path).value_or("");
    for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
      lines.push_back(nlohmann::json::parse(line));
    }
    return lines;
  }

  const testing::TempDir folder_;
  const std::string path_ = folder_.File("audit.jsonl");
  testing::ManualClock clock_;
};

TEST_F(AuditLogTest, ALineSaysWhoDidWhatAndHowItWent) {
  ASSERT_OK_AND_ASSIGN(const auto log, AuditLog::Open(path_, &clock_));
  log->Write(Entry());
  AuditEntry failed = Entry();
  failed.worker_id = "node-7";
  failed.digest = "abc";
  failed.result = absl::NotFoundError("no sweep\n'x'");
  log->Write(failed);
  const std::vector<nlohmann::json> lines = Lines(path_);
  ASSERT_EQ(lines.size(), 2);
  EXPECT_EQ(lines[0].dump(),
            R"({"code":"OK","credential":"token","event":"call","name":"ada","peer":"ipv4:10.0.0.7:41234",)"
            R"("roles":["submit"],"rpc":"probesweep.v1.SweepService/CancelSweep","sweep":"sweep-1",)"
            R"("time":"1970-01-01T00:16:40.000Z"})");
  EXPECT_EQ(lines[1]["code"], "NOT_FOUND");
  EXPECT_EQ(lines[1]["worker"], "node-7");
  EXPECT_EQ(lines[1]["blob"], "abc");
  EXPECT_EQ(lines[1]["message"], "no sweep\\x0a'x'");
  struct stat info {};
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600);
}

TEST_F(AuditLogTest, WhatIsNoTextIsWrittenAllTheSame) {
  ASSERT_OK_AND_ASSIGN(const auto log, AuditLog::Open(path_, &clock_));
  AuditEntry entry = Entry();
  entry.sweep_id = "\xff\n\"" + std::string(10'000, 'x');
  log->Write(entry);
  const std::vector<nlohmann::json> lines = Lines(path_);
  ASSERT_EQ(lines.size(), 1);
  EXPECT_LT(lines[0]["sweep"].get<std::string>().size(), 300);
}

TEST_F(AuditLogTest, AFloodOfRefusalsIsCounted) {
  ASSERT_OK_AND_ASSIGN(const auto log, AuditLog::Open(path_, &clock_));
  AuditEntry entry = Entry();
  entry.result = absl::UnauthenticatedError("who?");
  for (int i = 0; i < AuditLog::kRefusalsPerWindow + 50; ++i) log->WriteRefusal(entry);
  EXPECT_EQ(Lines(path_).size(), AuditLog::kRefusalsPerWindow);
  clock_.Advance(AuditLog::kWindow);
  log->WriteRefusal(entry);
  const std::vector<nlohmann::json> lines = Lines(path_);
  ASSERT_EQ(lines.size(), AuditLog::kRefusalsPerWindow + 2);
  EXPECT_EQ(lines[lines.size() - 2]["event"], "refusals left out");
  EXPECT_EQ(lines[lines.size() - 2]["count"], 50);
  EXPECT_EQ(lines.back()["event"], "refused");
}

TEST_F(AuditLogTest, AFileThatWasMovedAwayIsMadeAnew) {
  ASSERT_OK_AND_ASSIGN(const auto log, AuditLog::Open(path_, &clock_));
  log->Write(Entry());
  ASSERT_EQ(std::rename(path_.c_str(), folder_.File("audit.1").c_str()), 0);
  log->Write(Entry());
  log->ReopenIfMoved();
  log->Write(Entry());
  EXPECT_EQ(Lines(folder_.File("audit.1")).size(), 2);
  EXPECT_EQ(Lines(path_).size(), 1);
}

TEST_F(AuditLogTest, AFileThatCannotBeOpenedIsRefused) {
  EXPECT_STATUS(AuditLog::Open(folder_.File("none/audit"), &clock_), kNotFound, "--audit-log", "none/audit");
}

}  // namespace
}  // namespace probesweep::server
