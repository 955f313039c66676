#include "client/cli/settings.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/cli/yaml_fields.h"
#include "client/client.h"
#include "common/file.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

constexpr uint64_t kMaxConfigBytes = 1 << 20;
constexpr const char* kDefaultCoordinator = "127.0.0.1:7077";

// The coordinator that the configuration file names; "" when it names none or is not there.
absl::StatusOr<std::string> ConfiguredCoordinator(const Environment& environment) {
  const std::string path = ConfigPath(environment);
  if (path.empty()) return std::string();
  const absl::StatusOr<std::string> text = ReadFile(path, kMaxConfigBytes);
  if (absl::IsNotFound(text.status())) return std::string();
  PS_RETURN_IF_ERROR(text.status());
  PS_ASSIGN_OR_RETURN(const YAML::Node root, ParseYaml(*text, path));
  if (root.IsNull()) return std::string();
  Mistakes mistakes(path);
  const std::string coordinator =
      YamlFields(root, "", {"coordinator"}, mistakes).Text("coordinator").value_or("");
  PS_RETURN_IF_ERROR(mistakes.status());
  return coordinator;
}

}  // namespace

std::string ConfigPath(const Environment& environment) {
  std::string folder = environment("XDG_CONFIG_HOME");
  if (folder.empty() && !environment("HOME").empty()) folder = environment("HOME") + "/.config";
  return folder.empty() ? "" : folder + "/probesweep/config.yaml";
}

absl::StatusOr<Settings> ResolveSettings(const GlobalFlags& flags, const Environment& environment) {
  std::string coordinator = flags.coordinator;
  if (coordinator.empty()) coordinator = environment("PROBESWEEP_COORDINATOR");
  if (coordinator.empty()) {
    PS_ASSIGN_OR_RETURN(coordinator, ConfiguredCoordinator(environment));
  }
  if (coordinator.empty()) coordinator = kDefaultCoordinator;
  Settings settings{SplitAddresses(coordinator)};
  if (settings.coordinators.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", coordinator, "' names no coordinator; write host:port[,host:port]"));
  }
  return settings;
}

}  // namespace probesweep::client
