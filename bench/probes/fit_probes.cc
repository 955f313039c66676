// Seconds of probes on features in a file: each layer a job of one thread, as in a pass, or one layer on all cores.
#include <ATen/ATen.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <ctime>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "common/status.h"
#include "worker/analysis/logistic_probe.h"
#include "worker/model/threads.h"

namespace probesweep::worker {
namespace {

using Json = nlohmann::json;

struct Options {
  std::string features, labels, weights, solver = "exact";
  int64_t rows = 0, columns = 0;
  int layers = 1, jobs = 1;
  bool all_cores = false;
};

at::Tensor ReadDoubles(const std::string& path, at::IntArrayRef shape) {
  at::Tensor values = at::empty(shape, at::kDouble);
  std::ifstream file(path, std::ios::binary);
  file.read(static_cast<char*>(values.data_ptr()), static_cast<std::streamsize>(values.nbytes()));
  if (!file) {
    std::cerr << path << " holds fewer than " << values.numel() << " doubles" << std::endl;
    std::exit(kExitRefusedInput);
  }
  return values;
}

// Of this program alone: getrusage would count what it was forked from.
int64_t PeakMebibytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::stoll(line.substr(6)) / 1024;
  }
  return 0;
}

// Fits all layers once; each layer is a job, as in a pass.
std::vector<Probe> FitAll(const Options& options, const at::Tensor& features, const at::Tensor& labels) {
  std::vector<Probe> probes(static_cast<size_t>(options.layers));
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t layer = next++; layer < probes.size(); layer = next++) {
      auto probe = FitProbe(features, labels, 1.0, options.solver);
      if (!probe.ok()) {
        std::cerr << probe.status() << std::endl;
        std::exit(kExitFailedWork);
      }
      probes[layer] = *std::move(probe);
    }
  };
  std::vector<std::thread> jobs;
  for (int job = 0; job < options.jobs; ++job) jobs.emplace_back(work);
  for (std::thread& job : jobs) job.join();
  return probes;
}

int Run(const Options& options) {
  const at::Tensor features = ReadDoubles(options.features, {options.rows, options.columns});
  const at::Tensor labels = ReadDoubles(options.labels, {options.rows});
  if (!options.all_cores) UseOneThreadPerOperation();
  const auto begin = std::chrono::steady_clock::now();
  const std::clock_t processor_begin = std::clock();
  const Probe probe = FitAll(options, features, labels).front();
  const double processor = static_cast<double>(std::clock() - processor_begin) / CLOCKS_PER_SEC;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  if (!options.weights.empty()) {
    std::ofstream(options.weights, std::ios::binary)
        .write(static_cast<const char*>(probe.weights.contiguous().data_ptr()),
               static_cast<std::streamsize>(probe.weights.nbytes()));
  }
  std::cout << Json{{"seconds", took.count()},
                    {"processor", processor},
                    {"iterations", probe.iterations},
                    {"intercept", probe.intercept},
                    {"norm", probe.weights.norm().item<double>()},
                    {"peak_mib", PeakMebibytes()}}
            << std::endl;
  return kExitDone;
}

int Main(int argc, char** argv) {
  CLI::App app("Seconds to fit probes");
  Options options;
  app.add_option("--features", options.features, "File of doubles, row after row")->required();
  app.add_option("--labels", options.labels, "File of doubles, 0 or 1")->required();
  app.add_option("--rows", options.rows)->required();
  app.add_option("--columns", options.columns)->required();
  app.add_option("--solver", options.solver)->capture_default_str();
  app.add_option("--layers", options.layers, "Fit so often")->capture_default_str();
  app.add_option("--jobs", options.jobs, "Layers at once")->capture_default_str();
  app.add_flag("--all-cores", options.all_cores, "For each operation; for one layer by itself");
  app.add_option("--weights", options.weights, "Where to write the weights, as doubles");
  CLI11_PARSE(app, argc, argv);
  return Run(options);
}

}  // namespace
}  // namespace probesweep::worker

int main(int argc, char** argv) { return probesweep::worker::Main(argc, argv); }
