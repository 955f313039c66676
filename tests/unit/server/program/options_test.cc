#include "server/options.h"

#include <map>

#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::server {
namespace {

using Variables = std::map<std::string, std::string>;

absl::StatusOr<ProgramOptions> Parse(const std::vector<std::string>& arguments,
                                     const Variables& variables = {{"HOME", "/home/me"}}) {
  return ParseProgramOptions(arguments, [&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

TEST(OptionsTest, DefaultsServeThisMachineFromTheStateFolder) {
  ASSERT_OK_AND_ASSIGN(const ProgramOptions options, Parse({}));
  EXPECT_EQ(options.server.data_folder, "/home/me/.local/state/probesweep");
  EXPECT_EQ(options.server.store_uri, "");
  EXPECT_EQ(options.server.listen_address, "127.0.0.1:7077");
  EXPECT_EQ(options.server.http_address, "127.0.0.1:7078");
  EXPECT_FALSE(options.server.insecure);
  EXPECT_EQ(options.server.core.lease.ttl, absl::Seconds(30));
  EXPECT_EQ(options.server.core.lease.heartbeat, absl::Seconds(10));
  EXPECT_EQ(options.server.core.lease.hang, absl::Seconds(120));
  ASSERT_OK_AND_ASSIGN(const ProgramOptions xdg,
                       Parse({}, {{"HOME", "/home/me"}, {"XDG_STATE_HOME", "/state"}}));
  EXPECT_EQ(xdg.server.data_folder, "/state/probesweep");
  EXPECT_STATUS(Parse({}, {}), kInvalidArgument, "--data");
}

TEST(OptionsTest, FlagsAreRead) {
  ASSERT_OK_AND_ASSIGN(const ProgramOptions options, Parse({"--data",
                                                            "/d/",
                                                            "--store=sqlite:///s.db",
                                                            "--listen",
                                                            "0.0.0.0:1",
                                                            "--http",
                                                            "[::1]:2",
                                                            "--insecure",
                                                            "--lease-ttl",
                                                            "1m30s",
                                                            "--heartbeat",
                                                            "500ms",
                                                            "--hang-timeout",
                                                            "1h",
                                                            "--max-open-tasks",
                                                            "5",
                                                            "--ready-file",
                                                            "/r",
                                                            "--log-level",
                                                            "debug"}));
  EXPECT_EQ(options.server.data_folder, "/d/");
  EXPECT_EQ(options.server.store_uri, "sqlite:///s.db");
  EXPECT_EQ(options.server.listen_address, "0.0.0.0:1");
  EXPECT_EQ(options.server.http_address, "[::1]:2");
  EXPECT_TRUE(options.server.insecure);
  EXPECT_EQ(options.server.core.lease.ttl, absl::Seconds(90));
  EXPECT_EQ(options.server.core.lease.heartbeat, absl::Milliseconds(500));
  EXPECT_EQ(options.server.core.lease.hang, absl::Hours(1));
  EXPECT_EQ(options.server.core.max_open_tasks, 5);
  EXPECT_EQ(options.server.ready_file, "/r");
  EXPECT_EQ(options.log_level, "debug");
}

TEST(OptionsTest, WhatGuardsTheServerIsRead) {
  ASSERT_OK_AND_ASSIGN(const ProgramOptions options,
                       Parse({"--tls-cert", "c", "--tls-key", "k", "--tls-client-ca", "a", "--tokens", "t",
                              "--audit-log", "l", "--max-connections", "9", "--insecure-http"}));
  EXPECT_EQ(options.server.guards.tls.cert, "c");
  EXPECT_EQ(options.server.guards.tls.key, "k");
  EXPECT_EQ(options.server.guards.tls.ca, "a");
  EXPECT_EQ(options.server.guards.tokens_file, "t");
  EXPECT_EQ(options.server.guards.audit_log, "l");
  EXPECT_EQ(options.server.max_connections, 9);
  EXPECT_TRUE(options.server.insecure_http);
  EXPECT_FALSE(options.server.insecure);
  EXPECT_STATUS(Parse({"--max-connections", "0"}), kInvalidArgument, "--max-connections");
}

TEST(OptionsTest, FlagsWinOverVariablesAndThoseOverTheFile) {
  const testing::TempDir folder;
  const std::string file = folder.path() + "/d.toml";
  ASSERT_OK(WriteFileAtomically(
      file, "listen = \"127.0.0.1:3\"\nhttp = \"127.0.0.1:3\"\nlog-level = \"warn\"\ninsecure = true\n"));
  ASSERT_OK_AND_ASSIGN(const ProgramOptions options,
                       Parse({"--listen", "127.0.0.1:1"}, {{"HOME", "/h"},
                                                           {"PROBESWEEP_CONFIG", file},
                                                           {"PROBESWEEP_LISTEN", "127.0.0.1:2"},
                                                           {"PROBESWEEP_HTTP", "127.0.0.1:2"}}));
  EXPECT_EQ(options.server.listen_address, "127.0.0.1:1");
  EXPECT_EQ(options.server.http_address, "127.0.0.1:2");
  EXPECT_EQ(options.log_level, "warn");
  EXPECT_TRUE(options.server.insecure);
}

TEST(OptionsTest, MistakesAreNamedWithTheNearestName) {
  const testing::TempDir folder;
  const std::string file = folder.path() + "/d.toml";
  ASSERT_OK(WriteFileAtomically(file, "lisen = \"127.0.0.1:3\"\n"));
  const struct {
    std::vector<std::string> arguments;
    Variables variables;
    std::vector<std::string> parts;
  } cases[] = {
      {{"--lisen", "x"}, {}, {"--lisen", "did you mean --listen?"}},
      {{"stray"}, {}, {"stray"}},
      {{"--config", file}, {}, {file, "lisen", "did you mean 'listen'?"}},
      {{"--config", "/nowhere.toml"}, {}, {"/nowhere.toml"}},
      {{"--listen", "7077"}, {}, {"--listen", "7077"}},
      {{}, {{"PROBESWEEP_HTTP", "nonsense"}}, {"--http", "nonsense"}},
      {{}, {{"PROBESWEEP_INSECURE", "perhaps"}}, {"PROBESWEEP_INSECURE"}},
      {{"--lease-ttl", "soon"}, {}, {"--lease-ttl", "soon"}},
      {{"--lease-ttl", "5s"}, {}, {"--lease-ttl", "at least 6s"}},
      {{"--lease-ttl", "10s", "--heartbeat", "6s"}, {}, {"--heartbeat", "--lease-ttl"}},
      {{"--hang-timeout", "1s"}, {}, {"--hang-timeout", "--heartbeat"}},
  };
  for (const auto& c : cases) {
    Variables variables = c.variables;
    variables["HOME"] = "/h";
    EXPECT_TRUE(testing::StatusIs(Parse(c.arguments, variables).status(), absl::StatusCode::kInvalidArgument,
                                  c.parts));
  }
}

TEST(OptionsTest, HelpAndVersionArePrinted) {
  ASSERT_OK_AND_ASSIGN(const ProgramOptions help, Parse({"--help"}));
  EXPECT_THAT(help.print.value_or(""), ::testing::HasSubstr("--ready-file"));
  ASSERT_OK_AND_ASSIGN(const ProgramOptions version, Parse({"--version"}));
  EXPECT_THAT(version.print.value_or(""), ::testing::StartsWith("probesweepd "));
}

}  // namespace
}  // namespace probesweep::server
