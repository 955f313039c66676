// What mutual information costs: one layer by itself, or a series of layers some at a time, as a worker does
// it.
//
//   information_layers --samples FILE --rows N --features D [--threads N]
//       FILE: X and T, fp32 [rows, features], and labels, fp32 [rows], one after another. Seconds of
//       factoring X, and of T with both informations, and the informations, as one line of JSON.
//   information_layers --layers L --jobs J --rows N --features D [--permutations P]
//       L layers of random samples, J at a time on one thread each, with their null distributions: seconds a
//       layer, and the process's peak memory.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "common/status.h"
#include "worker/analysis/hsic.h"
#include "worker/analysis/information_null.h"
#include "worker/analysis/standardize.h"

namespace probesweep::worker {
namespace {

using Json = nlohmann::json;

struct Options {
  std::string samples;
  int64_t rows = 5211, features = 4096, layers = 32, permutations = 200;
  int threads = 2, jobs = 2;
};

double CoreSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class Stopwatch {
 public:
  double seconds() const { return absl::ToDoubleSeconds(absl::Now() - begin_); }
  double core_seconds() const { return CoreSeconds() - core_begin_; }

 private:
  const absl::Time begin_ = absl::Now();
  const double core_begin_ = CoreSeconds();
};

double PeakMebibytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

void UseThreads(int threads) {
  at::set_num_threads(threads);
  using Setter = void (*)(int);
  if (const auto set = reinterpret_cast<Setter>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads")))
    set(threads);
}

at::Tensor ReadFloats(std::ifstream& file, at::IntArrayRef shape) {
  at::Tensor values = at::empty(shape, at::kFloat);
  file.read(static_cast<char*>(values.data_ptr()), values.numel() * 4);
  return values.to(at::kDouble);
}

absl::Status MeasureLayer(const Options& options) {
  UseThreads(options.threads);
  std::ifstream file(options.samples, std::ios::binary);
  const at::Tensor x = ReadFloats(file, {options.rows, options.features});
  const at::Tensor t = ReadFloats(file, {options.rows, options.features});
  const at::Tensor labels = ReadFloats(file, {options.rows});
  if (!file)
    return absl::InvalidArgumentError(options.samples + " is shorter than --rows and --features say");
  const HsicOptions hsic;
  PS_RETURN_IF_ERROR(InvertKernel(x.narrow(0, 0, 64), hsic).status());  // libraries load here
  const Stopwatch of_x;
  PS_ASSIGN_OR_RETURN(const KernelInverse x_inverse, InvertKernel(x, hsic));
  const double x_seconds = of_x.seconds();
  const Stopwatch of_layer;
  PS_ASSIGN_OR_RETURN(const KernelInverse t_inverse, InvertKernel(t, hsic));
  const double tx = MutualInformation(x_inverse, t_inverse);
  const double ty = LabelInformation(t_inverse, labels, hsic);
  const double layer_seconds = of_layer.seconds(), layer_core_seconds = of_layer.core_seconds();
  std::cout << Json{{"x_seconds", x_seconds},
                    {"layer_seconds", layer_seconds},
                    {"layer_core_seconds", layer_core_seconds},
                    {"mi_tx", tx},
                    {"mi_ty", ty},
                    {"peak_mib", PeakMebibytes()}}
            << std::endl;
  return absl::OkStatus();
}

// Layers by number, each as a worker would have it: fp32 representations made, standardised, analysed,
// dropped.
class Series {
 public:
  explicit Series(const Options& options) : options_(options) {
    orders_ = at::rand({options.permutations, options.rows}).argsort(/*dim=*/1, /*descending=*/false);
    labels_ = at::rand({options.rows}, at::kDouble).lt(0.5).to(at::kDouble);
  }

  absl::Status Analyse(int64_t layer) {
    const at::Tensor representations = at::randn({options_.rows, options_.features}, at::kFloat);
    const at::Tensor sample = Standardize(representations).values;
    PS_ASSIGN_OR_RETURN(const KernelInverse t, InvertKernel(sample, {}));
    if (layer == 0) first_ = t;
    const double tx = MutualInformation(first_, t), ty = LabelInformation(t, labels_, {});
    const NullDistribution tx_null = MutualInformationNull(first_, t, orders_, tx);
    const NullDistribution ty_null = LabelInformationNull(t, labels_.take(orders_), ty, {});
    std::fprintf(stderr, "layer %ld: I(T;X) %.4f, null %.4f, p %.3f; I(T;Y) %.4f, null %.4f, p %.3f\n",
                 static_cast<long>(layer), tx, tx_null.mean, tx_null.p, ty, ty_null.mean, ty_null.p);
    return absl::OkStatus();
  }

 private:
  const Options options_;
  at::Tensor orders_, labels_;
  KernelInverse first_;
};

absl::Status MeasureSeries(const Options& options) {
  UseThreads(1);
  Series series(options);
  const Stopwatch watch;
  PS_RETURN_IF_ERROR(series.Analyse(0));
  std::atomic<int64_t> next{1};
  std::atomic<bool> failed{false};
  std::vector<std::thread> jobs;
  for (int job = 0; job < options.jobs; ++job) {
    jobs.emplace_back([&] {
      UseThreads(1);  // ATen's setting belongs to each thread
      for (int64_t layer = next++; layer < options.layers; layer = next++) {
        if (!series.Analyse(layer).ok()) failed = true;
      }
    });
  }
  for (std::thread& job : jobs) job.join();
  if (failed) return absl::InternalError("a layer could not be analysed");
  std::cout << Json{{"seconds_per_layer", watch.seconds() / static_cast<double>(options.layers)},
                    {"peak_mib", PeakMebibytes()}}
            << std::endl;
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app("What mutual information costs");
  Options options;
  app.add_option("--samples", options.samples, "File of X, T and labels; without it, a series of layers");
  app.add_option("--rows", options.rows)->capture_default_str();
  app.add_option("--features", options.features)->capture_default_str();
  app.add_option("--threads", options.threads, "Of one layer by itself")->capture_default_str();
  app.add_option("--layers", options.layers, "Of a series")->capture_default_str();
  app.add_option("--jobs", options.jobs, "Layers of a series at a time")->capture_default_str();
  app.add_option("--permutations", options.permutations, "Of a series")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = options.samples.empty() ? MeasureSeries(options) : MeasureLayer(options);
  if (!status.ok()) std::cerr << status.message() << std::endl;
  return ExitCodeFor(status);
}

}  // namespace
}  // namespace probesweep::worker

int main(int argc, char** argv) { return probesweep::worker::Main(argc, argv); }
