// A thousand workers in one process, each with a connection of its own, for scale.py: reads commands from
// standard input, one a line, and answers each with one line of JSON.
//
//   status       what the fleet does now
//   report       the same, with the latencies since the last report
//   rate N       commits a second that the fleet aims at, from the next grants on; 0: as many as it can
//   mark         counts the leases held; call it while no coordinator runs
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "bench/scale/simulated_worker.h"
#include "common/logging.h"
#include "common/rpc/channel.h"
#include "common/rpc/grpc_log.h"
#include "common/status.h"

namespace probesweep::bench {
namespace {

struct Options {
  std::string coordinator;
  int workers = 1000;
  int least_rows = 16, most_rows = 64;
  double rate = 0;
  double start_seconds = 5;
};

// Results as a pass has them: a row for each layer, ten values in a row.
Fleet::Results MakeResults(int rows, Fleet& fleet) {
  v1::CommitTaskRequest request;
  for (int layer = 0; layer < rows; ++layer) {
    v1::LayerResult& result = *request.add_results();
    result.set_layer(layer);
    result.set_protocol("released");
    for (const char* column : {"accuracy", "auroc", "coef_norm", "intercept", "mi_tx", "mi_ty", "mi_tx_null",
                               "steering_norm", "n_train", "n_test"}) {
      (*result.mutable_values())[column] = fleet.NextUnit();
    }
  }
  return {grpc::Slice(request.SerializeAsString()), rows};
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  // As the worker's agent has them; but its channels are in processes of their own.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  PS_ASSIGN_OR_RETURN(const ChannelFactory channels, ChannelFactory::Create({}));
  return channels.Connect(address, arguments);
}

// What a command answers; on the loop's thread.
nlohmann::json Obey(absl::string_view command, Fleet& fleet,
                    std::vector<std::unique_ptr<SimulatedWorker>>& workers) {
  if (command == "report") return fleet.figures.Report();
  if (command == "mark") {
    for (const auto& worker : workers) worker->Mark();
  } else if (absl::ConsumePrefix(&command, "rate ")) {
    if (!absl::SimpleAtod(command, &fleet.rate)) return {{"error", "no number"}};
  } else if (command != "status") {
    return {{"error", "no command"}};
  }
  return fleet.figures.Status();
}

absl::Status Run(const Options& options) {
  Fleet fleet;
  fleet.workers = options.workers;
  fleet.rate = options.rate;
  for (int rows = options.least_rows; rows <= options.most_rows; ++rows) {
    fleet.results.push_back(MakeResults(rows, fleet));
  }
  std::vector<std::unique_ptr<SimulatedWorker>> workers;
  for (int w = 0; w < options.workers; ++w) {
    PS_ASSIGN_OR_RETURN(std::shared_ptr<grpc::Channel> channel, Connect(options.coordinator));
    workers.push_back(std::make_unique<SimulatedWorker>(absl::StrCat("w", w), std::move(channel), &fleet));
    fleet.loop.After(absl::Seconds(options.start_seconds * fleet.NextUnit()),
                     [worker = workers.back().get()] { worker->Begin(); });
  }
  std::thread commands([&] {
    for (std::string line; std::getline(std::cin, line);) {
      fleet.loop.Post([&fleet, &workers, line] { std::cout << Obey(line, fleet, workers) << std::endl; });
    }
    // Calls are under way: nothing of the fleet may go while they are.
    std::_Exit(0);
  });
  fleet.loop.Run();
  commands.join();
  return absl::OkStatus();
}

// Each worker's connection is a descriptor.
void RaiseDescriptorLimit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int Main(int argc, char** argv) {
  CLI::App app("A thousand workers that compute nothing, for scale.py", "simulated_fleet");
  Options options;
  app.add_option("--coordinator", options.coordinator, "HOST:PORT")->required();
  app.add_option("--workers", options.workers)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--least-rows", options.least_rows, "Result rows of a commit, at least")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--most-rows", options.most_rows, "And at most")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--rate", options.rate, "Commits a second that all of them aim at; 0: as many as they can")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--start-seconds", options.start_seconds, "Within which they start")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  RouteGrpcLog();
  RaiseDescriptorLimit();
  absl::Status status = InitLogging({"error", "simulated_fleet"});
  if (status.ok()) status = Run(options);
  if (!status.ok()) std::cerr << "simulated_fleet: " << status.message() << std::endl;
  return ExitCodeFor(status);
}

}  // namespace
}  // namespace probesweep::bench

int main(int argc, char** argv) { return probesweep::bench::Main(argc, argv); }
