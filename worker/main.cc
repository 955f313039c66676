// probesweep-worker: the agent, and commands that show what the engine makes of one input.
#include <CLI/CLI.hpp>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <new>
#include <string>
#include <vector>

#include "common/logging.h"
#include "common/printable.h"
#include "common/status.h"
#include "common/version.h"
#include "worker/inspect/commands.h"
#ifdef PROBESWEEP_WITH_AGENT
#include "common/rpc/grpc_log.h"
#include "worker/agent/run_agent.h"
#endif

namespace probesweep::worker {
namespace {

// Fills in what the command line asks for; called once it is parsed.
using Command = std::function<absl::Status()>;

// More threads than any machine has cores are a slip of the finger, and would be started one by one.
CLI::Option* AddThreads(CLI::App* app, int& threads) {
  return app->add_option("--threads", threads, "Cores to use; 0: all")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
}

#ifdef PROBESWEEP_WITH_AGENT
void AddSecurity(CLI::App& app, ChannelSecurity& security) {
  app.add_option("--tls-ca", security.tls.ca, "TLS: the CA that signed the coordinator's certificate")
      ->envname("PROBESWEEP_TLS_CA");
  app.add_option("--tls-cert", security.tls.cert,
                 "This worker's certificate, where the coordinator asks for one")
      ->envname("PROBESWEEP_TLS_CERT");
  app.add_option("--tls-key", security.tls.key, "Its private key")->envname("PROBESWEEP_TLS_KEY");
  app.add_option("--token-file", security.token_file,
                 "File with this worker's token; the variable PROBESWEEP_TOKEN may hold it instead")
      ->envname("PROBESWEEP_TOKEN_FILE");
  const char* token = std::getenv("PROBESWEEP_TOKEN");
  security.token = token == nullptr ? "" : token;
}

void AddAgent(CLI::App& app, RunAgentOptions& options, double& drain_seconds, Command& command) {
  app.add_option("--coordinator", options.coordinator,
                 "Coordinator to work for, host:port; with standbys: host:port,host:port")
      ->envname("PROBESWEEP_COORDINATOR")
      ->capture_default_str();
  AddSecurity(app, options.security);
  app.add_option("--id", options.worker_id,
                 "Name of this worker; default: host, device and the first free slot")
      ->envname("PROBESWEEP_WORKER_ID");
  app.add_option("--device", options.engine.device, "auto, cpu or cuda:N")
      ->envname("PROBESWEEP_DEVICE")
      ->capture_default_str();
  app.add_option("--dtype", options.engine.dtype, "auto, fp32 or bf16")
      ->envname("PROBESWEEP_DTYPE")
      ->capture_default_str();
  AddThreads(&app, options.engine.threads)->envname("PROBESWEEP_THREADS");
  app.add_option("--drain-timeout", drain_seconds, "Seconds that a pass in hand may finish in after SIGTERM")
      ->envname("PROBESWEEP_DRAIN_TIMEOUT")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option(
         "--spool", options.spool_folder,
         "Folder, of this worker alone, where results wait on disk until the coordinator has accepted "
         "them; default: $XDG_STATE_HOME/probesweep/spool/ID (~/.local/state/…)")
      ->envname("PROBESWEEP_SPOOL");
  app.add_option("--spool-limit", options.spool_limit_bytes,
                 "Bytes that may lie there, e.g. 500MB, 4GiB; past it the pass waits")
      ->envname("PROBESWEEP_SPOOL_LIMIT")
      ->transform(CLI::AsSizeValue(/*kb_is_1000=*/true))
      ->default_str("4GiB");
  app.footer(
      "Exit codes, for supervisors: 0 drained, or stopped by a signal: results that are not accepted yet\n"
      "stay in the spool for the next start. 1 failed: start it again. 2 wrong command line. 3 refused: the\n"
      "device, a folder, another release, another process with this --id. 4 the coordinator was not\n"
      "reached: start it again later.");
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
  sub->add_option("--checkpoint", options.checkpoint,
                  "Folder with tokenizer.json, tokenizer.model, or vocab.json and merges.txt")
      ->required();
  sub->add_flag("!--no-special-tokens", options.add_special_tokens,
                "Leave out the tokens that the model puts around a text");
  sub->add_flag("--decode", options.decode, "Add what the ids stand for: {\"ids\":[…],\"text\":…} lines");
  AddThreads(sub, options.threads);
  sub->callback([&] { command = [&options] { return Tokenize(options, std::cin, std::cout); }; });
}

void AddForward(CLI::App& app, ForwardOptions& options, Command& command) {
  CLI::App* sub = app.add_subcommand("forward", "Residual stream after each block, of a few prompts");
  sub->add_option("--checkpoint", options.checkpoint, "Folder of the checkpoint")->required();
  sub->add_option("--prompts", options.prompts, "JSON lines: {\"text\":…} or {\"ids\":[…]}")->required();
  sub->add_option("--out", options.out, "Safetensors file to write")->required();
  sub->add_flag("--logits", options.logits, "Write the logits too");
  AddThreads(sub, options.threads);
  sub->callback([&] { command = [&options] { return Forward(options); }; });
}

void AddPreview(CLI::App* sub, PreviewOptions& preview) {
  sub->add_option("--dataset", preview.datasets,
                  "CSV files with statement and label: show the plan of a pass over them");
  AnalysisConfig& analysis = preview.analysis;
  sub->add_option("--protocols", analysis.protocols, "Of that pass")->capture_default_str();
  sub->add_option("--estimators", analysis.estimators, "Likewise");
  sub->add_option("--solver", analysis.solver, "Likewise")->capture_default_str();
  sub->add_option("--splits", analysis.splits, "Likewise")->capture_default_str();
  sub->add_option("--permutations", analysis.permutations, "Likewise")->capture_default_str();
  sub->add_option("--sgemm-rate", preview.rates.sgemm, "FLOP/s of one core in products; default: measured")
      ->check(CLI::PositiveNumber);
  sub->add_option("--read-rate", preview.rates.read, "Bytes/s of reading weights; default: measured")
      ->check(CLI::PositiveNumber);
}

void AddInspect(CLI::App& app, InspectOptions& options, Command& command) {
  CLI::App* sub = app.add_subcommand(
      "inspect", "What a checkpoint is, what probing it needs, and what is unsupported in it");
  sub->add_option("--checkpoint", options.checkpoint, "Folder of the checkpoint")->required();
  sub->add_flag("--json", options.json, "One JSON object, for scripts");
  sub->add_flag("--fingerprints", options.fingerprints,
                "Read all weights: the digest that results carry, and each tensor's fingerprint");
  sub->add_option("--tokens", options.tokens, "Tokens of all statements that the memory is estimated for")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 40))
      ->capture_default_str();
  sub->add_option("--statements", options.statements, "Statements of the largest dimension; likewise")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 24))
      ->capture_default_str();
  AddThreads(sub, options.threads);
  AddPreview(sub, options.preview);
  sub->callback([&] { command = [&options] { return Inspect(options, std::cout); }; });
}

// One value each time that the flag stands there.
template <typename T>
void AddRepeated(CLI::App* sub, const std::string& flag, std::vector<T>& values, const std::string& help) {
  sub->add_option(flag, values, help)->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void AddSteering(CLI::App* sub, SteerFlags& steer) {
  AddRepeated(sub, "--steer", steer.files,
              "Safetensors file with a steering vector; give the steering flags "
              "again for further layers");
  AddRepeated(sub, "--steer-key", steer.keys, "Its tensor in that file, e.g. released.layer_3");
  AddRepeated(sub, "--steer-layer", steer.layers, "Block, from 0, to whose output it is added");
  AddRepeated(sub, "--alpha", steer.alphas, "What it is multiplied by; default: 1");
  AddRepeated(sub, "--steer-positions", steer.positions,
              "last: to the last position of every forward pass; all: to every position; default: last");
}

void AddGenerate(CLI::App& app, GenerateOptions& options, Command& command) {
  CLI::App* sub = app.add_subcommand(
      "generate", "Continues prompts: an {\"ids\":[…],\"text\":…} line for each on standard output");
  sub->add_option("--checkpoint", options.checkpoint, "Folder of the checkpoint")->required();
  sub->add_option("--prompts", options.prompts, "JSON lines: {\"text\":…} or {\"ids\":[…]}")->required();
  sub->add_option("--max-new-tokens", options.max_new_tokens, "Tokens to add at most")
      ->required()
      ->check(CLI::PositiveNumber);
  AddSteering(sub, options.steer);
  sub->add_option("--temperature", options.temperature, "Draw tokens; the logits are divided by this first");
  sub->add_option("--top-k", options.top_k, "Draw from this many of the likeliest tokens; 0: all");
  sub->add_option("--top-p", options.top_p, "Draw from the likeliest tokens that reach this share together");
  sub->add_option("--seed", options.seed, "Of the draws")->capture_default_str();
  sub->add_flag("--ignore-eos", options.ignore_eos, "Go on behind tokens that end a text");
  sub->add_option("--batch", options.batch, "Prompts that go side by side")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  AddThreads(sub, options.threads);
  sub->callback([&] { command = [&options] { return Generate(options, std::cout); }; });
}

void AddScore(CLI::App& app, ScoreOptions& options, Command& command) {
  CLI::App* sub = app.add_subcommand(
      "score",
      "Log-likelihood of continuations: a {\"log_likelihood\":…,\"tokens\":…,\"greedy\":…} line for each");
  sub->add_option("--checkpoint", options.checkpoint, "Folder of the checkpoint")->required();
  sub->add_option(
         "--prompts", options.prompts,
         "JSON lines: {\"context\":…,\"continuation\":…} or {\"context_ids\":[…],\"continuation_ids\":[…]}")
      ->required();
  sub->add_flag("!--no-special-tokens", options.add_special_tokens,
                "Leave out the tokens that the model puts around a text");
  AddThreads(sub, options.threads);
  sub->callback([&] { command = [&options] { return ScoreLines(options, std::cout); }; });
}

// What a library throws here is a defect or an exhausted machine, and ends in a message like anything else.
absl::Status RunCommand(const Command& command) {
  try {
    return command();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("out of memory");
  } catch (const std::exception& error) {
    return absl::InternalError(error.what());
  }
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
  InspectOptions inspect;
  GenerateOptions generate;
  ScoreOptions score;
  AddTokenize(app, tokenize, command);
  AddForward(app, forward, command);
  AddInspect(app, inspect, command);
  AddGenerate(app, generate, command);
  AddScore(app, score, command);
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
#ifdef PROBESWEEP_WITH_AGENT
  RouteGrpcLog();
#endif
  if (status.ok()) status = RunCommand(command);
  // Messages quote files that anyone may have written.
  if (!status.ok()) std::cerr << "probesweep-worker: " << Printable(status.message()) << std::endl;
  return ExitCodeFor(status);
}

}  // namespace
}  // namespace probesweep::worker

int main(int argc, char** argv) { return probesweep::worker::Main(argc, argv); }
