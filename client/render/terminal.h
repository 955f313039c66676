// What the place that text goes to can show.
#ifndef PROBESWEEP_CLIENT_RENDER_TERMINAL_H_
#define PROBESWEEP_CLIENT_RENDER_TERMINAL_H_

#include <functional>
#include <string>

namespace probesweep::client {

// A variable of the environment; "" when it is not set.
using Environment = std::function<std::string(const std::string& name)>;
std::string SystemEnvironment(const std::string& name);

struct Terminal {
  bool interactive = false;  // a line can be written over
  bool color = false;        // 256 colours
  int width = 120;           // columns; a file is taken to be as wide as a wide window
};

// Colour only on a terminal, and not where NO_COLOR is set (no-color.org) or TERM is "dumb".
Terminal DetectTerminal(int file_descriptor, const Environment& environment);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_RENDER_TERMINAL_H_
