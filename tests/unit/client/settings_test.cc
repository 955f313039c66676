#include "client/cli/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::client {
namespace {

class SettingsTest : public ::testing::Test {
 protected:
  SettingsTest() {
    variables_["XDG_CONFIG_HOME"] = folder_.path();
    EXPECT_OK(MakeFolders(folder_.File("probesweep")));
  }
  absl::StatusOr<Settings> Resolve(const std::string& flag) {
    GlobalFlags flags;
    flags.coordinator = flag;
    return ResolveSettings(flags, [this](const std::string& name) { return variables_[name]; });
  }
  void WriteConfig(const std::string& text) {
    EXPECT_OK(WriteFileAtomically(folder_.File("probesweep/config.yaml"), text));
  }

  testing::TempDir folder_;
  std::map<std::string, std::string> variables_;
};

TEST_F(SettingsTest, FlagBeatsEnvironmentBeatsFileBeatsDefault) {
  EXPECT_THAT(Resolve("")->coordinators, ::testing::ElementsAre("127.0.0.1:7077"));
  WriteConfig("coordinator: file:1\n");
  EXPECT_THAT(Resolve("")->coordinators, ::testing::ElementsAre("file:1"));
  variables_["PROBESWEEP_COORDINATOR"] = "env:1,env:2";
  EXPECT_THAT(Resolve("")->coordinators, ::testing::ElementsAre("env:1", "env:2"));
  EXPECT_THAT(Resolve("flag:1")->coordinators, ::testing::ElementsAre("flag:1"));
}

TEST_F(SettingsTest, WhatShowsTheUserFollowsTheSameOrder) {
  WriteConfig("tls_ca: file-ca\ntls_cert: file-cert\ntls_key: file-key\ntoken_file: file-token\n");
  variables_["PROBESWEEP_TLS_CERT"] = "env-cert";
  variables_["PROBESWEEP_TLS_KEY"] = "env-key";
  variables_["PROBESWEEP_TOKEN"] = "the token";
  GlobalFlags flags;
  flags.tls.key = "flag-key";
  ASSERT_OK_AND_ASSIGN(const Settings settings,
                       ResolveSettings(flags, [this](const std::string& name) { return variables_[name]; }));
  EXPECT_EQ(settings.security.tls.ca, "file-ca");
  EXPECT_EQ(settings.security.tls.cert, "env-cert");
  EXPECT_EQ(settings.security.tls.key, "flag-key");
  EXPECT_EQ(settings.security.token, "the token");
  EXPECT_EQ(settings.security.token_file, "file-token");
}

TEST_F(SettingsTest, ReportsAMistakeInTheFileWithItsLine) {
  WriteConfig("# mine\ncordinator: file:1\n");
  EXPECT_STATUS(Resolve(""), kInvalidArgument,
                "config.yaml:2: cordinator: unknown field; did you mean 'coordinator'?");
  WriteConfig("");
  EXPECT_OK(Resolve(""));
}

TEST_F(SettingsTest, RefusesAListWithoutAddresses) {
  EXPECT_STATUS(Resolve(" , "), kInvalidArgument, "host:port");
}

TEST_F(SettingsTest, LooksInTheHomeFolderWithoutXdg) {
  variables_.clear();
  variables_["HOME"] = "/home/ada";
  EXPECT_EQ(ConfigPath([this](const std::string& name) { return variables_[name]; }),
            "/home/ada/.config/probesweep/config.yaml");
  EXPECT_EQ(ConfigPath([](const std::string&) { return ""; }), "");
}

}  // namespace
}  // namespace probesweep::client
