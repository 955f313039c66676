#include "client/cli/settings.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/cli/yaml_fields.h"
#include "client/client.h"
#include "common/addresses.h"
#include "common/file.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

constexpr uint64_t kMaxConfigBytes = 1 << 20;
constexpr const char* kDefaultCoordinator = "127.0.0.1:7077";

// What the configuration file says; "" where it says nothing or is not there.
absl::StatusOr<GlobalFlags> Configured(const Environment& environment) {
  GlobalFlags configured;
  const std::string path = ConfigPath(environment);
  if (path.empty()) return configured;
  const absl::StatusOr<std::string> text = ReadFile(path, kMaxConfigBytes);
  if (absl::IsNotFound(text.status())) return configured;
  PS_RETURN_IF_ERROR(text.status());
  PS_ASSIGN_OR_RETURN(const YAML::Node root, ParseYaml(*text, path));
  if (root.IsNull()) return configured;
  Mistakes mistakes(path);
  YamlFields fields(root, "", {"coordinator", "tls_ca", "tls_cert", "tls_key", "token_file"}, mistakes);
  configured.coordinator = fields.Text("coordinator").value_or("");
  configured.tls.ca = fields.Text("tls_ca").value_or("");
  configured.tls.cert = fields.Text("tls_cert").value_or("");
  configured.tls.key = fields.Text("tls_key").value_or("");
  configured.token_file = fields.Text("token_file").value_or("");
  PS_RETURN_IF_ERROR(mistakes.status());
  return configured;
}

}  // namespace

std::string ConfigPath(const Environment& environment) {
  std::string folder = environment("XDG_CONFIG_HOME");
  if (folder.empty() && !environment("HOME").empty()) folder = environment("HOME") + "/.config";
  return folder.empty() ? "" : folder + "/probesweep/config.yaml";
}

absl::StatusOr<Settings> ResolveSettings(const GlobalFlags& flags, const Environment& environment) {
  PS_ASSIGN_OR_RETURN(const GlobalFlags configured, Configured(environment));
  const auto first = [&environment](const std::string& flag, const char* variable, const std::string& file) {
    if (!flag.empty()) return flag;
    const std::string value = environment(variable);
    return value.empty() ? file : value;
  };
  std::string coordinator = first(flags.coordinator, "PROBESWEEP_COORDINATOR", configured.coordinator);
  if (coordinator.empty()) coordinator = kDefaultCoordinator;
  Settings settings;
  settings.coordinators = SplitAddresses(coordinator);
  if (settings.coordinators.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", coordinator, "' names no coordinator; write host:port[,host:port]"));
  }
  ChannelSecurity& security = settings.security;
  security.tls.ca = first(flags.tls.ca, "PROBESWEEP_TLS_CA", configured.tls.ca);
  security.tls.cert = first(flags.tls.cert, "PROBESWEEP_TLS_CERT", configured.tls.cert);
  security.tls.key = first(flags.tls.key, "PROBESWEEP_TLS_KEY", configured.tls.key);
  security.token = environment("PROBESWEEP_TOKEN");
  security.token_file = first(flags.token_file, "PROBESWEEP_TOKEN_FILE", configured.token_file);
  return settings;
}

}  // namespace probesweep::client
