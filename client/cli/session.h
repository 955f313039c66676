// One run of the program: where it writes, what it can ask, and the coordinator that it speaks to.
#ifndef PROBESWEEP_CLIENT_CLI_SESSION_H_
#define PROBESWEEP_CLIENT_CLI_SESSION_H_

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/settings.h"
#include "client/client.h"
#include "client/render/terminal.h"

namespace probesweep::client {

// The world outside, injected. `out` takes data, `err` progress and messages.
struct World {
  std::ostream& out;
  std::ostream& err;
  Terminal out_terminal;
  Terminal err_terminal;
  Environment environment;
  std::function<absl::StatusOr<std::unique_ptr<Client>>(const Settings&)> connect;
};

// Not thread-safe.
class Session {
 public:
  Session(World& world, const GlobalFlags& flags) : world_(world), flags_(flags) {}

  std::ostream& out() { return world_.out; }
  std::ostream& err() { return world_.err; }
  const Terminal& out_terminal() const { return world_.out_terminal; }
  const Terminal& err_terminal() const { return world_.err_terminal; }
  const Environment& environment() const { return world_.environment; }

  // Made at the first call. Errors: INVALID_ARGUMENT (an address, the configuration file).
  absl::StatusOr<Client*> client();

 private:
  World& world_;
  const GlobalFlags& flags_;
  std::unique_ptr<Client> client_;
};

// What a command does once the command line has been read. Its status becomes the exit code
// (common/status.h).
using Action = std::function<absl::Status(Session&)>;

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLI_SESSION_H_
