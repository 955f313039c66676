// probesweepd: the coordinator as a process.
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "common/logging.h"
#include "common/rpc/grpc_log.h"
#include "common/status.h"
#include "server/descriptors.h"
#include "server/options.h"
#include "server/server.h"

namespace probesweep::server {
namespace {

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
  absl::StatusOr<ProgramOptions> options =
      ParseProgramOptions(arguments, [](const char* name) { return std::getenv(name); });
  if (!options.ok()) return Fail(options.status(), kExitUsage);
  if (options->print.has_value()) {
    std::fputs(options->print->c_str(), stdout);
    return kExitDone;
  }
  if (const absl::Status logging = InitLogging({options->log_level, "probesweepd"}); !logging.ok()) {
    return Fail(logging, kExitUsage);
  }
  RouteGrpcLog();
  // Before any thread starts: all of them inherit the mask, and the signals wait for sigwait below.
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  RaiseDescriptorLimit();

  options->server.on_end = [] { ::kill(::getpid(), SIGTERM); };
  const absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(options->server);
  if (!server.ok()) return Fail(server.status(), ExitCodeFor(server.status()));
  int caught = 0;
  sigwait(&signals, &caught);
  const absl::Status reason = (*server)->end_reason();
  spdlog::info("stopping{} {}", reason.ok() ? " on" : ":",
               reason.ok() ? strsignal(caught) : std::string(reason.message()));
  // A second signal ends the process at once; the store is made for that.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  (*server)->Shutdown();
  spdlog::info("stopped");
  return reason.ok() ? kExitDone : Fail(reason, ExitCodeFor(reason));
}

}  // namespace
}  // namespace probesweep::server

int main(int argc, char** argv) {
  return probesweep::server::Run(std::vector<std::string>(argv + 1, argv + argc));
}
