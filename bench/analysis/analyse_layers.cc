// What the whole analysis of one dimension costs: its protocols on layer after layer, as a pass gives them.
//
//   analyse_layers --rows N --features D --layers L --jobs J [--protocols released,calibrated]
//
// Layers are made up: a few strong directions, of which labels depend, and noise. One line of JSON: seconds of the
// surface baselines and of a layer, the longest time that a layer went without a sign of progress, and the process's
// peak memory before the first layer and at the end.
#include <ATen/ATen.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <fstream>
#include <iostream>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status.h"
#include "worker/analysis/protocol.h"
#include "worker/model/threads.h"

namespace probesweep::worker {
namespace {

struct Options {
  int64_t rows = 6514, features = 4096, layers = 32;  // 80 % of the rows, 5211, are trained on
  int jobs = 2;
  std::vector<std::string> protocols = {"released", "calibrated"};
};

// Of this program alone: getrusage would count what it was forked from.
int64_t PeakMebibytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::stoll(line.substr(6)) / 1024;
  }
  return 0;
}

// Representations of all layers: what they share, and each layer's own noise.
class Layers {
 public:
  Layers(int64_t rows, int64_t features) {
    const at::Tensor spread = at::arange(1, kStrong + 1, at::kFloat).rsqrt();
    const at::Tensor strengths = at::randn({rows, kStrong}, at::kFloat);
    shared_ = at::mm(strengths * spread, at::randn({kStrong, features}, at::kFloat));
    const at::Tensor score = at::mv(strengths.narrow(1, 0, kTold), at::randn({kTold}, at::kFloat));
    const at::Tensor labels = (score / score.std() + at::randn({rows}, at::kFloat)).gt(0).to(at::kInt);
    labels_.assign(labels.data_ptr<int>(), labels.data_ptr<int>() + rows);
  }

  at::Tensor Representations() const { return at::randn_like(shared_).mul_(0.3).add_(shared_); }
  const std::vector<int>& labels() const { return labels_; }

 private:
  static constexpr int64_t kStrong = 512, kTold = 128;
  at::Tensor shared_;  // fp32 [rows, features]
  std::vector<int> labels_;
};

Statements StatementsOf(const std::vector<int>& labels) {
  Statements statements;
  statements.labels = labels;
  for (size_t row = 0; row < labels.size(); ++row) {
    statements.texts.push_back(absl::StrCat("Statement number ", row, " says ", row * 7919 % 10007, "."));
    statements.groups.push_back(static_cast<int64_t>(row));
  }
  return statements;
}

struct NamedProtocol {
  std::string name;
  std::unique_ptr<Protocol> protocol;
};

class Analysis {
 public:
  Analysis(const Layers& layers, const std::vector<NamedProtocol>& protocols)
      : layers_(layers), protocols_(protocols) {}

  absl::Status AnalyseLayer(int64_t layer) {
    const absl::Time begin = absl::Now();
    absl::Time last = begin;
    absl::Duration quiet;
    const auto step = [&] {
      const absl::Time now = absl::Now();
      quiet = std::max(quiet, now - last);
      last = now;
      return absl::OkStatus();
    };
    const at::Tensor representations = layers_.Representations();
    for (const NamedProtocol& named : protocols_) {
      PS_ASSIGN_OR_RETURN(const LayerAnalysis analysis,
                          named.protocol->AnalyseLayer(layer, representations, step));
      const absl::Status one_more = step();
      if (!one_more.ok()) return one_more;
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    quiet_ = std::max(quiet_, quiet);
    std::cerr << "layer " << layer << ": " << absl::FormatDuration(absl::Now() - begin) << ", peak "
              << PeakMebibytes() << " MiB" << std::endl;
    return absl::OkStatus();
  }

  absl::Duration longest_quiet() const { return quiet_; }

 private:
  const Layers& layers_;
  const std::vector<NamedProtocol>& protocols_;
  std::mutex mutex_;
  absl::Duration quiet_;
};

absl::Status AnalyseAll(const Options& options, Analysis& analysis) {
  PS_RETURN_IF_ERROR(analysis.AnalyseLayer(0));  // comes first in a pass too
  std::atomic<int64_t> next{1};
  std::mutex mutex;
  absl::Status result;
  std::vector<std::thread> jobs;
  for (int job = 0; job < options.jobs; ++job) {
    jobs.emplace_back([&] {
      UseOneThreadPerOperation();  // ATen's setting belongs to each thread
      for (int64_t layer = next++; layer < options.layers; layer = next++) {
        const absl::Status status = analysis.AnalyseLayer(layer);
        const std::lock_guard<std::mutex> lock(mutex);
        result.Update(status);
      }
    });
  }
  for (std::thread& job : jobs) job.join();
  return result;
}

absl::Status Run(const Options& options) {
  UseOneThreadPerOperation();
  const Layers layers(options.rows, options.features);
  const Statements statements = StatementsOf(layers.labels());
  ProtocolInput input;
  input.config.protocols = options.protocols;
  input.statements = &statements;
  input.dataset = "made-up";
  std::vector<NamedProtocol> protocols;
  const absl::Time begin = absl::Now();
  for (const std::string& name : options.protocols) {
    PS_ASSIGN_OR_RETURN(const SurfaceBaselines surface,
                        FitSurfaceBaselines(name, input, [] { return absl::OkStatus(); }));
    PS_ASSIGN_OR_RETURN(std::unique_ptr<Protocol> protocol, CreateProtocol(name, input, surface));
    protocols.push_back({name, std::move(protocol)});
  }
  const absl::Time surfaces_done = absl::Now();
  const int64_t peak_before = PeakMebibytes();
  Analysis analysis(layers, protocols);
  PS_RETURN_IF_ERROR(AnalyseAll(options, analysis));
  const double seconds = absl::ToDoubleSeconds(absl::Now() - surfaces_done);
  std::cout << nlohmann::json{{"surface_seconds", absl::ToDoubleSeconds(surfaces_done - begin)},
                              {"seconds_per_layer", seconds / static_cast<double>(options.layers)},
                              {"longest_quiet_seconds", absl::ToDoubleSeconds(analysis.longest_quiet())},
                              {"peak_mib_before", peak_before},
                              {"peak_mib", PeakMebibytes()}}
            << std::endl;
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app("What the whole analysis of one dimension costs");
  Options options;
  app.add_option("--rows", options.rows)->capture_default_str();
  app.add_option("--features", options.features)->capture_default_str();
  app.add_option("--layers", options.layers)->capture_default_str();
  app.add_option("--jobs", options.jobs, "Layers at a time, each on one thread")->capture_default_str();
  app.add_option("--protocols", options.protocols)->delimiter(',')->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = Run(options);
  if (!status.ok()) std::cerr << status.message() << std::endl;
  return ExitCodeFor(status);
}

}  // namespace
}  // namespace probesweep::worker

int main(int argc, char** argv) { return probesweep::worker::Main(argc, argv); }
