// probesweepd: the coordinator as a process.
#include <grpc/support/log.h>
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "common/logging.h"
#include "common/status.h"
#include "server/options.h"
#include "server/server.h"

namespace probesweep::server {
namespace {

// gRPC's own lines go where ours go, one level down: what concerns the operator is in our errors already.
void LogForGrpc(gpr_log_func_args* line) {
  const auto level = line->severity == GPR_LOG_SEVERITY_ERROR ? spdlog::level::debug : spdlog::level::trace;
  spdlog::log(level, "grpc: {}", line->message);
}

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

int Fail(const absl::Status& status, int exit_code) {
  std::fprintf(stderr, "probesweepd: %s\n", std::string(status.message()).c_str());
  return exit_code;
}

int Run(const std::vector<std::string>& arguments) {
  const absl::StatusOr<ProgramOptions> options =
      ParseProgramOptions(arguments, [](const char* name) { return std::getenv(name); });
  if (!options.ok()) return Fail(options.status(), kExitUsage);
  if (options->print.has_value()) {
    std::fputs(options->print->c_str(), stdout);
    return kExitDone;
  }
  if (const absl::Status logging = InitLogging({options->log_level, "probesweepd"}); !logging.ok()) {
    return Fail(logging, kExitUsage);
  }
  gpr_set_log_function(LogForGrpc);
  // Before any thread starts: all of them inherit the mask, and the signals wait for sigwait below.
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  const absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(options->server);
  if (!server.ok()) return Fail(server.status(), ExitCodeFor(server.status()));
  int caught = 0;
  sigwait(&signals, &caught);
  spdlog::info("stopping on {}", strsignal(caught));
  // A second signal ends the process at once; the store is made for that.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  (*server)->Shutdown();
  spdlog::info("stopped");
  return kExitDone;
}

}  // namespace
}  // namespace probesweep::server

int main(int argc, char** argv) {
  return probesweep::server::Run(std::vector<std::string>(argv + 1, argv + argc));
}
