#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/local_cluster.h"
#include "common/file.h"
#include "common/ids.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

struct UpFlags {
  std::string data = "probesweep-data";
  std::string listen = "127.0.0.1:7077";
  std::string http = "127.0.0.1:7078";
  std::string device = "auto";
  std::string dtype = "auto";
  std::string ready_file;
};

// Removes the file when the program ends, however it ends.
class FileRemover {
 public:
  explicit FileRemover(std::string path) : path_(std::move(path)) {}
  ~FileRemover() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  FileRemover(const FileRemover&) = delete;
  FileRemover& operator=(const FileRemover&) = delete;

 private:
  const std::string path_;
};

// One attempt with a short deadline: the caller asks again.
bool WorkerIsThere(const std::string& address) {
  ClientOptions options;
  options.addresses = {address};
  options.rpc_timeout = absl::Seconds(2);
  options.retry.max_attempts = 1;
  const absl::StatusOr<std::unique_ptr<Client>> client = Client::Connect(std::move(options));
  if (!client.ok()) return false;
  const absl::StatusOr<std::vector<v1::Worker>> workers = (*client)->ListWorkers();
  if (!workers.ok()) return false;
  for (const v1::Worker& worker : *workers) {
    if (worker.state() == v1::WORKER_STATE_IDLE || worker.state() == v1::WORKER_STATE_BUSY) return true;
  }
  return false;
}

// The children speak to one another on this machine alone. What these variables say is meant for another
// coordinator; the coordinator would take a user's certificate for its own.
void DropSecurityVariables() {
  for (const char* variable :
       {"PROBESWEEP_TLS_CA", "PROBESWEEP_TLS_CERT", "PROBESWEEP_TLS_KEY", "PROBESWEEP_TLS_CLIENT_CA",
        "PROBESWEEP_TOKENS", "PROBESWEEP_TOKEN", "PROBESWEEP_TOKEN_FILE"}) {
    ::unsetenv(variable);
  }
}

absl::Status Up(const UpFlags& flags, Session& session) {
  DropSecurityVariables();
  PS_RETURN_IF_ERROR(MakeFolders(flags.data));
  LocalClusterOptions options;
  PS_ASSIGN_OR_RETURN(options.coordinator_program, FindProgram("probesweepd", session.environment()("PATH")));
  PS_ASSIGN_OR_RETURN(options.worker_program,
                      FindProgram("probesweep-worker", session.environment()("PATH")));
  options.coordinator_arguments = {"--data", flags.data, "--listen", flags.listen, "--http", flags.http};
  options.worker_arguments = {"--device", flags.device, "--dtype", flags.dtype};
  // A name of its own: one left over from a run that was killed would name a coordinator that is gone.
  options.ready_file =
      (std::filesystem::path(flags.data) / RandomId("ready", 12, *RandomSource::System())).string();
  options.worker_is_there = WorkerIsThere;
  const FileRemover coordinators_file(options.ready_file);
  const FileRemover own_file(flags.ready_file);
  return RunLocalCluster(options, [&](const ServingAddresses& addresses) -> absl::Status {
    session.out() << "coordinator  " << addresses.grpc << "\nmetrics      http://" << addresses.http
                  << "/metrics\n"
                  << "data         " << std::filesystem::absolute(flags.data).string() << "\n"
                  << std::flush;
    session.err() << "ready; submit with `probesweep --coordinator " << addresses.grpc
                  << " sweep submit FILE`, stop with Ctrl-C\n";
    return flags.ready_file.empty() ? absl::OkStatus()
                                    : WriteFileAtomically(flags.ready_file, ReadyFileText(addresses));
  });
}

}  // namespace

void AddUp(CLI::App& group, Action& action) {
  auto flags = std::make_shared<UpFlags>();
  CLI::App* command =
      group.add_subcommand("up", "Run a coordinator and a worker on this machine until Ctrl-C or SIGTERM");
  command->add_option("--data", flags->data, "The coordinator's data folder")->capture_default_str();
  command->add_option("--listen", flags->listen, "Where the coordinator serves gRPC")->capture_default_str();
  command->add_option("--http", flags->http, "Where it serves metrics and health")->capture_default_str();
  command->add_option("--device", flags->device, "The worker's device: auto, cpu, cuda:N")
      ->capture_default_str();
  command->add_option("--dtype", flags->dtype, "The worker's arithmetic: auto, fp32, bf16")
      ->capture_default_str();
  command->add_option("--ready-file", flags->ready_file,
                      "Written when both are ready: {\"grpc\": \"host:port\", \"http\": \"host:port\"}");
  command->callback([flags, &action] { action = [flags](Session& session) { return Up(*flags, session); }; });
}

}  // namespace probesweep::client
