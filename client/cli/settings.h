// Settings that every command shares: flags, then PROBESWEEP_* variables, then the configuration file, then
// defaults.
#ifndef PROBESWEEP_CLIENT_CLI_SETTINGS_H_
#define PROBESWEEP_CLIENT_CLI_SETTINGS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/render/terminal.h"
#include "common/rpc/channel_security.h"
#include "common/tls_files.h"

namespace probesweep::client {

// What the command line said; "" where it said nothing.
struct GlobalFlags {
  std::string coordinator;
  TlsFiles tls;
  std::string token_file;
};

struct Settings {
  std::vector<std::string> coordinators;  // host:port, at least one
  ChannelSecurity security;
};

// $XDG_CONFIG_HOME/probesweep/config.yaml, else ~/.config/probesweep/config.yaml; "" where neither is known.
std::string ConfigPath(const Environment& environment);

// Errors: INVALID_ARGUMENT for an empty list of addresses or a mistake in the configuration file, with its
// line. A file that is not there is no mistake.
absl::StatusOr<Settings> ResolveSettings(const GlobalFlags& flags, const Environment& environment);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLI_SETTINGS_H_
