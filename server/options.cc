#include "server/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/edit_distance.h"
#include "common/status.h"
#include "common/version.h"
#include "server/address.h"

namespace probesweep::server {
namespace {

constexpr char kFooter[] =
    "Each option can also be set by a variable (PROBESWEEP_LISTEN for --listen) or in the file that "
    "--config\n"
    "names (TOML: listen = \"127.0.0.1:7077\"). Flags win over variables, variables over the file.";

// As written, before defaults and checks.
struct RawOptions {
  std::string data, store, config;
  std::string listen = ServerOptions().listen_address;
  std::string http = ServerOptions().http_address;
  std::string lease_ttl = absl::FormatDuration(LeaseOptions().ttl);
  std::string heartbeat = absl::FormatDuration(LeaseOptions().heartbeat);
  std::string hang_timeout = absl::FormatDuration(LeaseOptions().hang);
  bool insecure = false;
  bool insecure_http = false;
  TlsFiles tls;
  std::string tokens, audit_log;
  int max_connections = ServerOptions().max_connections;
  int64_t max_open_tasks = CoreOptions().max_open_tasks;
  std::string ready_file;
  std::string log_level = "info";
};

void Describe(CLI::App& app, RawOptions& raw) {
  app.set_version_flag("--version",
                       absl::StrCat("probesweepd ", Version(), " (engine ", EngineVersion(), ")"));
  app.add_option("--data", raw.data, "Folder for the store, datasets and artifacts")
      ->default_str("$XDG_STATE_HOME/probesweep, else ~/.local/state/probesweep");
  app.add_option(
         "--store", raw.store,
         "sqlite:///absolute/path, or postgresql://USER@HOST:PORT/DATABASE, which several coordinators may "
         "share: one leads, the others stand by")
      ->default_str("probesweep.db in --data");
  app.add_option("--listen", raw.listen, "gRPC address, HOST:PORT; port 0: any free one")
      ->capture_default_str();
  app.add_option("--http", raw.http, "Address of /metrics, /healthz and /readyz")->capture_default_str();
  app.add_option("--lease-ttl", raw.lease_ttl, "A worker not heard of for so long loses its tasks")
      ->capture_default_str();
  app.add_option("--heartbeat", raw.heartbeat, "How often workers report")->capture_default_str();
  app.add_option("--hang-timeout", raw.hang_timeout,
                 "A pass that finishes no layer for so long loses its tasks")
      ->capture_default_str();
  app.add_option("--max-open-tasks", raw.max_open_tasks,
                 "Refuse sweeps past so many unfinished tasks; a million take about 1 GiB of memory")
      ->check(CLI::Range(int64_t{1}, int64_t{100'000'000}))
      ->capture_default_str();
  app.add_option("--ready-file", raw.ready_file, "Write the addresses here, as JSON, once serving");
  app.add_option("--log-level", raw.log_level, "trace, debug, info, warn or error")->capture_default_str();
  app.add_option("--config", raw.config, "Read options from this TOML file");
  app.footer(kFooter);
}

void DescribeSecurity(CLI::App& app, RawOptions& raw) {
  app.add_option("--tls-cert", raw.tls.cert, "gRPC over TLS with this certificate (PEM file)");
  app.add_option("--tls-key", raw.tls.key, "Its private key (PEM file)");
  app.add_option("--tls-client-ca", raw.tls.ca, "Clients must have certificates of this CA (PEM file)");
  app.add_option("--tokens", raw.tokens, "File that says who may do what; see docs/security.md");
  app.add_option("--audit-log", raw.audit_log, "Write who did what to this file")->default_str("the log");
  app.add_option("--max-connections", raw.max_connections, "gRPC connections open at once")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_flag("--insecure", raw.insecure,
               "Listen on addresses that others can reach, without TLS and logins");
  app.add_flag("--insecure-http", raw.insecure_http, "The same for --http alone, which has neither");
}

void Set(CLI::Option& option, const std::string& value, const std::string& where) {
  try {
    option.add_result(value);
    option.run_callback();
  } catch (const CLI::Error& error) {
    throw CLI::ValidationError(absl::StrCat(where, ": ", error.what()));
  }
}

std::string VariableName(const std::string& option) {
  return absl::StrCat("PROBESWEEP_", absl::StrReplaceAll(absl::AsciiStrToUpper(option), {{"-", "_"}}));
}

// Options that can be set from outside the command line, by name without dashes.
std::vector<CLI::Option*> Settable(CLI::App& app) {
  return app.get_options([](const CLI::Option* option) {
    return option->get_single_name() != "help" && option->get_single_name() != "version";
  });
}

void ApplyEnvironment(CLI::App& app, const Environment& environment) {
  for (CLI::Option* option : Settable(app)) {
    const std::string variable = VariableName(option->get_single_name());
    const char* value = environment(variable.c_str());
    if (option->count() == 0 && value != nullptr && *value != '\0') Set(*option, value, variable);
  }
}

absl::Status ApplyFile(CLI::App& app, const std::string& path) {
  if (path.empty()) return absl::OkStatus();
  std::vector<std::string> names;
  for (const CLI::Option* option : Settable(app)) names.push_back(option->get_single_name());
  names.erase(std::remove(names.begin(), names.end(), "config"), names.end());
  for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_file(path)) {
    if (item.name == "++" || item.name == "--") continue;  // section marks
    if (std::find(names.begin(), names.end(), item.fullname()) == names.end()) {
      const std::string nearest = NearestName(item.fullname(), names);
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": '", item.fullname(), "' is no option",
          nearest.empty() ? "; --help lists them" : absl::StrCat("; did you mean '", nearest, "'?")));
    }
    CLI::Option& option = *app.get_option("--" + item.name);
    if (option.count() > 0) continue;
    if (item.inputs.size() != 1) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": '", item.name, "' takes one value"));
    }
    Set(option, item.inputs.front(), absl::StrCat(path, ": ", item.name));
  }
  return absl::OkStatus();
}

// What CLI11 could not place, with the option that was probably meant.
absl::Status UnknownArguments(const CLI::App& app, const CLI::ExtrasError& error) {
  for (const std::string& argument : app.remaining()) {
    if (argument.rfind("--", 0) != 0) continue;
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options()) names.push_back("--" + option->get_single_name());
    const std::string nearest = NearestName(argument.substr(0, argument.find('=')), names);
    return absl::InvalidArgumentError(absl::StrCat(
        "'", argument, "' is no option",
        nearest.empty() ? "; --help lists them" : absl::StrCat("; did you mean ", nearest, "?")));
  }
  return absl::InvalidArgumentError(error.what());
}

absl::StatusOr<absl::Duration> ReadDuration(const std::string& text, const std::string& flag) {
  absl::Duration duration;
  if (absl::ParseDuration(text, &duration) && duration > absl::ZeroDuration() &&
      duration <= absl::Hours(24)) {
    return duration;
  }
  return absl::InvalidArgumentError(
      absl::StrCat(flag, " '", text, "' is no duration between 0 and 24h; write e.g. 30s or 1m30s"));
}

absl::StatusOr<LeaseOptions> ReadLease(const RawOptions& raw) {
  // Workers stop publishing 5 s before a lease ends, to stay clear of whoever gets its tasks next.
  constexpr absl::Duration kShortestTtl = absl::Seconds(6);
  LeaseOptions lease;
  PS_ASSIGN_OR_RETURN(lease.ttl, ReadDuration(raw.lease_ttl, "--lease-ttl"));
  PS_ASSIGN_OR_RETURN(lease.heartbeat, ReadDuration(raw.heartbeat, "--heartbeat"));
  PS_ASSIGN_OR_RETURN(lease.hang, ReadDuration(raw.hang_timeout, "--hang-timeout"));
  if (lease.ttl < kShortestTtl) {
    return absl::InvalidArgumentError(
        absl::StrCat("--lease-ttl ", raw.lease_ttl, " is too short; give at least 6s"));
  }
  if (lease.heartbeat * 2 > lease.ttl) {
    return absl::InvalidArgumentError(absl::StrCat("--heartbeat ", raw.heartbeat,
                                                   " is too long for --lease-ttl ", raw.lease_ttl,
                                                   ": a lease must outlast two heartbeats"));
  }
  if (lease.hang < lease.heartbeat) {
    return absl::InvalidArgumentError(absl::StrCat("--hang-timeout ", raw.hang_timeout,
                                                   " is shorter than --heartbeat ", raw.heartbeat,
                                                   ", which carries the progress"));
  }
  return lease;
}

absl::StatusOr<std::string> DataFolder(const std::string& given, const Environment& environment) {
  if (!given.empty()) return std::filesystem::absolute(given).lexically_normal().string();
  const char* state = environment("XDG_STATE_HOME");
  if (state != nullptr && *state == '/') return absl::StrCat(state, "/probesweep");
  const char* home = environment("HOME");
  if (home != nullptr && *home == '/') return absl::StrCat(home, "/.local/state/probesweep");
  return absl::InvalidArgumentError("no home folder is known to keep data in; name a folder with --data");
}

absl::StatusOr<ProgramOptions> Finish(const RawOptions& raw, const Environment& environment) {
  ProgramOptions options;
  options.log_level = raw.log_level;
  PS_ASSIGN_OR_RETURN(options.server.data_folder, DataFolder(raw.data, environment));
  PS_ASSIGN_OR_RETURN(options.server.core.lease, ReadLease(raw));
  PS_RETURN_IF_ERROR(ParseAddress(raw.listen, "--listen").status());
  PS_RETURN_IF_ERROR(ParseAddress(raw.http, "--http").status());
  options.server.store_uri = raw.store;
  options.server.listen_address = raw.listen;
  options.server.http_address = raw.http;
  options.server.guards = {raw.tls, raw.tokens, raw.audit_log};
  options.server.max_connections = raw.max_connections;
  options.server.core.max_open_tasks = raw.max_open_tasks;
  options.server.insecure = raw.insecure;
  options.server.insecure_http = raw.insecure_http;
  options.server.ready_file = raw.ready_file;
  return options;
}

}  // namespace

absl::StatusOr<ProgramOptions> ParseProgramOptions(const std::vector<std::string>& arguments,
                                                   const Environment& environment) {
  CLI::App app("The coordinator of ProbeSweep: schedules probing tasks and keeps their results.",
               "probesweepd");
  RawOptions raw;
  Describe(app, raw);
  DescribeSecurity(app, raw);
  try {
    // CLI11 takes them last first.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    ApplyEnvironment(app, environment);
    PS_RETURN_IF_ERROR(ApplyFile(app, raw.config));
  } catch (const CLI::CallForHelp&) {
    ProgramOptions options;
    options.print = app.help();
    return options;
  } catch (const CLI::CallForVersion& version) {
    ProgramOptions options;
    options.print = absl::StrCat(version.what(), "\n");
    return options;
  } catch (const CLI::ExtrasError& error) {
    return UnknownArguments(app, error);
  } catch (const CLI::Error& error) {
    return absl::InvalidArgumentError(error.what());
  }
  return Finish(raw, environment);
}

}  // namespace probesweep::server
