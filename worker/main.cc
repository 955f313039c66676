// probesweep-worker: the agent, and commands that show what the engine makes of one input.
#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>
#include <string>

#include "common/logging.h"
#include "common/status.h"
#include "common/version.h"
#include "worker/inspect/commands.h"
#ifdef PROBESWEEP_WITH_AGENT
#include "worker/agent/run_agent.h"
#endif

namespace probesweep::worker {
namespace {

// Fills in what the command line asks for; called once it is parsed.
using Command = std::function<absl::Status()>;

#ifdef PROBESWEEP_WITH_AGENT
void AddAgent(CLI::App& app, RunAgentOptions& options, double& drain_seconds, Command& command) {
  app.add_option("--coordinator", options.coordinator, "Coordinator to work for, host:port")
      ->envname("PROBESWEEP_COORDINATOR")
      ->capture_default_str();
  app.add_option("--id", options.worker_id,
                 "Name of this worker; default: host, device and the first free slot")
      ->envname("PROBESWEEP_WORKER_ID");
  app.add_option("--device", options.engine.device, "auto, cpu or cuda:N")
      ->envname("PROBESWEEP_DEVICE")
      ->capture_default_str();
  app.add_option("--dtype", options.engine.dtype, "auto, fp32 or bf16")
      ->envname("PROBESWEEP_DTYPE")
      ->capture_default_str();
  app.add_option("--threads", options.engine.threads, "Cores to use; 0: all")
      ->envname("PROBESWEEP_THREADS")
      ->capture_default_str();
  app.add_option("--drain-timeout", drain_seconds, "Seconds that a pass in hand may finish in after SIGTERM")
      ->envname("PROBESWEEP_DRAIN_TIMEOUT")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command = [&options, &drain_seconds] {
    options.drain_timeout = absl::Seconds(drain_seconds);
    return RunAgentUntilSignalled(options);
  };
}
#endif

void AddTokenize(CLI::App& app, TokenizeOptions& options, Command& command) {
  CLI::App* sub = app.add_subcommand(
      "tokenize",
      "Token ids of texts: {\"text\":…} lines on standard input, {\"ids\":[…]} lines on standard output");
  sub->add_option("--checkpoint", options.checkpoint, "Folder with tokenizer.json")->required();
  sub->add_flag("!--no-special-tokens", options.add_special_tokens,
                "Leave out the tokens that the model puts around a text");
  sub->callback([&] { command = [&options] { return Tokenize(options, std::cin, std::cout); }; });
}

void AddForward(CLI::App& app, ForwardOptions& options, Command& command) {
  CLI::App* sub = app.add_subcommand("forward", "Residual stream after each block, of a few prompts");
  sub->add_option("--checkpoint", options.checkpoint, "Folder of the checkpoint")->required();
  sub->add_option("--prompts", options.prompts, "JSON lines: {\"text\":…} or {\"ids\":[…]}")->required();
  sub->add_option("--out", options.out, "Safetensors file to write")->required();
  sub->add_flag("--logits", options.logits, "Write the logits too");
  sub->add_option("--threads", options.threads, "Cores to use; 0: all")->capture_default_str();
  sub->callback([&] { command = [&options] { return Forward(options); }; });
}

int Main(int argc, char** argv) {
  CLI::App app("ProbeSweep worker: probes checkpoints for a coordinator", "probesweep-worker");
  app.set_version_flag("--version", Version());
  LoggingOptions logging;
  logging.program = "probesweep-worker";
  app.add_option("--log-level", logging.level, "trace, debug, info, warn or error")
      ->envname("PROBESWEEP_LOG_LEVEL")
      ->capture_default_str();
  Command command;
  TokenizeOptions tokenize;
  ForwardOptions forward;
  AddTokenize(app, tokenize, command);
  AddForward(app, forward, command);
#ifdef PROBESWEEP_WITH_AGENT
  RunAgentOptions agent;
  double drain_seconds = absl::ToDoubleSeconds(agent.drain_timeout);
  AddAgent(app, agent, drain_seconds, command);
#else
  app.require_subcommand(1);
#endif
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  absl::Status status = InitLogging(logging);
  if (status.ok()) status = command();
  if (!status.ok()) std::cerr << "probesweep-worker: " << status.message() << std::endl;
  return ExitCodeFor(status);
}

}  // namespace
}  // namespace probesweep::worker

int main(int argc, char** argv) { return probesweep::worker::Main(argc, argv); }
