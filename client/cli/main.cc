#include <unistd.h>

#include <iostream>
#include <utility>

#include "client/cli/command_line.h"
#include "common/rpc/grpc_log.h"

int main(int argc, char** argv) {
  using namespace probesweep::client;  // NOLINT(google-build-using-namespace): the program's one name
  probesweep::RouteGrpcLog();
  World world{std::cout,
              std::cerr,
              DetectTerminal(STDOUT_FILENO, SystemEnvironment),
              DetectTerminal(STDERR_FILENO, SystemEnvironment),
              SystemEnvironment,
              [](const Settings& settings) {
                ClientOptions options;
                options.addresses = settings.coordinators;
                options.security = settings.security;
                return Client::Connect(std::move(options));
              }};
  return RunCommandLine(std::vector<std::string>(argv + 1, argv + argc), world);
}
