#include <unistd.h>

#include <iostream>
#include <utility>

#include "client/cli/command_line.h"

int main(int argc, char** argv) {
  using namespace probesweep::client;  // NOLINT(google-build-using-namespace): the program's one name
  World world{std::cout,
              std::cerr,
              DetectTerminal(STDOUT_FILENO, SystemEnvironment),
              DetectTerminal(STDERR_FILENO, SystemEnvironment),
              SystemEnvironment,
              [](const std::vector<std::string>& coordinators) {
                ClientOptions options;
                options.addresses = coordinators;
                return Client::Connect(std::move(options));
              }};
  return RunCommandLine(std::vector<std::string>(argv + 1, argv + argc), world);
}
