#include "tests/e2e/cluster.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"

namespace probesweep::testing {
namespace {

constexpr absl::Duration kStartup = absl::Seconds(30);

nlohmann::json ParseJson(const Finished& finished) {
  nlohmann::json parsed = nlohmann::json::parse(finished.out, nullptr, /*allow_exceptions=*/false);
  EXPECT_FALSE(parsed.is_discarded()) << finished.out << finished.err;
  return parsed;
}

// Standard output of a command that must succeed.
std::string Output(const Finished& finished) {
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  return finished.out;
}

}  // namespace

std::string Program(const std::string& name) { return absl::StrCat(BinDir(), "/", name); }

ProcessOptions Cluster::Environment() const {
  ProcessOptions options;
  options.environment["XDG_CONFIG_HOME"] = File("no-configuration");
  options.environment["XDG_STATE_HOME"] = File("state");
  return options;
}

void Cluster::StartCoordinator() {
  const std::string ready_file = File("ready.json");
  coordinator_.reset();
  std::filesystem::remove(ready_file);  // a killed one leaves it
  coordinator_ = std::make_unique<Process>(
      std::vector<std::string>{Program("probesweepd"), "--data", data_folder(), "--listen", address_,
                               "--http", "127.0.0.1:0", "--lease-ttl", absl::FormatDuration(lease_ttl_),
                               "--heartbeat", "1s", "--ready-file", ready_file},
      Environment());
  std::string ready;
  ASSERT_TRUE(Eventually(
      [&] {
        ready = ReadFile(ready_file).value_or("");
        return !ready.empty() || coordinator_->Ended().has_value();
      },
      kStartup));
  ASSERT_FALSE(ready.empty()) << coordinator_->err();
  address_ = nlohmann::json::parse(ready).at("grpc").get<std::string>();
}

Process& Cluster::StartWorker(const std::string& id, const std::vector<std::string>& flags) {
  std::unique_ptr<Process>& worker = workers_[id];
  worker.reset();
  std::vector<std::string> argv = {Program("probesweep-worker"), "--coordinator", address_, "--id", id};
  argv.insert(argv.end(), flags.begin(), flags.end());
  worker = std::make_unique<Process>(argv, Environment());
  const auto registered = [&] {
    return absl::StrContains(worker->err(), "registered as") || worker->Ended().has_value();
  };
  EXPECT_TRUE(Eventually(registered, kStartup)) << worker->err();
  EXPECT_FALSE(worker->Ended().has_value()) << worker->err();
  return *worker;
}

Finished Cluster::Client(const std::vector<std::string>& arguments) const {
  std::vector<std::string> argv = {Program("probesweep"), "--coordinator", address_};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return RunProgram(argv, Environment(), absl::Minutes(10));
}

Finished Cluster::Submit(const std::string& sweep_text, const std::vector<std::string>& flags) const {
  std::vector<std::string> arguments = {"sweep", "submit", Write("sweep.yaml", sweep_text)};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  return Client(arguments);
}

nlohmann::json Cluster::Sweep(const std::string& name) const {
  return ParseJson(Client({"sweep", "get", name, "--json"}));
}

nlohmann::json Cluster::Tasks(const std::string& name) const {
  return ParseJson(Client({"sweep", "get", name, "--tasks", "--json"}));
}

std::string Cluster::Export(const std::string& name) const {
  return Output(Client({"results", "export", name, "--format", "csv"}));
}

std::string Cluster::Artifacts(const std::string& name) const {
  return Output(Client({"artifacts", "list", name}));
}

std::string Cluster::Write(const std::string& name, const std::string& text) const {
  const absl::Status written = WriteFileAtomically(File(name), text);
  EXPECT_TRUE(written.ok()) << written;
  return File(name);
}

}  // namespace probesweep::testing
