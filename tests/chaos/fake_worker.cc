// The worker's agent as a process, with an engine that computes nothing: what chaos.py kills.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "common/ids.h"
#include "common/logging.h"
#include "common/rpc/grpc_log.h"
#include "common/status.h"
#include "tests/support/fake_engine.h"
#include "worker/agent/run_agent.h"

namespace probesweep {
namespace {

testing::FakeEngineOptions engine_options;

}  // namespace

namespace worker {

// In the place of the real one, which this program is not linked with: everything else of the process that
// RunAgentUntilSignalled puts together is real.
absl::StatusOr<std::unique_ptr<Engine>> CreateEngine(const EngineOptions&) {
  return std::make_unique<testing::FakeEngine>(engine_options, RandomSource::System());
}

}  // namespace worker

namespace {

int Main(int argc, char** argv) {
  CLI::App app("The worker's agent with an engine that computes nothing", "fake_worker");
  worker::RunAgentOptions options;
  LoggingOptions logging{"info", "fake_worker"};
  double layer_seconds = absl::ToDoubleSeconds(engine_options.layer_time);
  app.add_option("--coordinator", options.coordinator, "As of probesweep-worker")->required();
  app.add_option("--id", options.worker_id, "As of probesweep-worker")->required();
  app.add_option("--spool", options.spool_folder, "As of probesweep-worker")->required();
  app.add_option("--layers", engine_options.layers, "Layers of each checkpoint")->check(CLI::PositiveNumber);
  app.add_option("--layer-seconds", layer_seconds, "Time of each layer, and of each dimension")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--failing-share", engine_options.failing_share, "Share of the results that fail, by chance")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--wrong-checkpoint", engine_options.wrong_checkpoint,
                 "Name of a checkpoint that gives other numbers than it should");
  CLI11_PARSE(app, argc, argv);
  engine_options.layer_time = absl::Seconds(layer_seconds);
  absl::Status status = InitLogging(logging);
  RouteGrpcLog();
  if (status.ok()) status = worker::RunAgentUntilSignalled(options);
  if (!status.ok()) std::cerr << "fake_worker: " << status.message() << std::endl;
  return ExitCodeFor(status);
}

}  // namespace
}  // namespace probesweep

int main(int argc, char** argv) { return probesweep::Main(argc, argv); }
