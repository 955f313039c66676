#include "client/render/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/numbers.h"

namespace probesweep::client {

std::string SystemEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

Terminal DetectTerminal(int file_descriptor, const Environment& environment) {
  Terminal terminal;
  int columns = 0;
  if (absl::SimpleAtoi(environment("COLUMNS"), &columns) && columns > 0) terminal.width = columns;
  if (::isatty(file_descriptor) == 0) return terminal;
  terminal.interactive = environment("TERM") != "dumb";
  terminal.color = terminal.interactive && environment("NO_COLOR").empty();
  struct winsize size {};
  if (::ioctl(file_descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) terminal.width = size.ws_col;
  return terminal;
}

}  // namespace probesweep::client
