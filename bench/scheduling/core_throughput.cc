// Time of the coordinator's core for each lease, heartbeat and commit of a large fleet, without network and
// disk: each request is followed by its own step, so nothing is saved by doing many at once.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/logging.h"
#include "server/service/core.h"
#include "tests/support/fake_clock.h"
#include "tests/support/memory_store.h"
#include "tests/support/sample_sweeps.h"
#include "tests/support/silent_observer.h"

namespace probesweep::server {
namespace {

struct Options {
  int workers = 1000, sweeps = 4, checkpoints = 5000, dimensions = 5, leases = 3000;
};

struct Series {
  const char* name;
  std::vector<double> microseconds;

  void Print() {
    if (microseconds.empty()) return;
    std::sort(microseconds.begin(), microseconds.end());
    double sum = 0;
    for (const double time : microseconds) sum += time;
    const auto at = [&](double share) {
      return microseconds[static_cast<size_t>(share * static_cast<double>(microseconds.size() - 1))];
    };
    std::printf("%-10s %8zu times: mean %9.1f us, median %9.1f us, p99 %9.1f us\n", name, microseconds.size(),
                sum / static_cast<double>(microseconds.size()), at(0.5), at(0.99));
  }
};

struct SimulatedWorker {
  WorkerRef ref;
  std::optional<Grant> grant;
  int steps = 0;
};

class Simulation {
 public:
  explicit Simulation(const Options& options)
      : options_(options),
        core_(
            {}, &store_, [](const std::string&) { return 100; }, &clock_, &random_, &observer_) {}

  int Run() {
    if (!core_.Start().ok()) return 1;
    Submit();
    for (SimulatedWorker& worker : workers_) Lease(worker);
    while (static_cast<int>(lease_.microseconds.size()) < options_.leases) {
      SimulatedWorker& worker = workers_[choice_() % workers_.size()];
      if (!worker.grant.has_value()) return Fail("the sweeps are too small for so many leases");
      // A pass of a minute for each worker of the fleet, and its heartbeats.
      clock_.Advance(absl::Minutes(1) / options_.workers);
      for (int beat = 0; beat < 6; ++beat) Heartbeat(workers_[next_beat_++ % workers_.size()]);
      Finish(worker);
      Lease(worker);
    }
    for (Series* series : {&lease_, &heartbeat_, &commit_}) series->Print();
    return 0;
  }

 private:
  static int Fail(const char* why) {
    std::fprintf(stderr, "%s\n", why);
    return 1;
  }

  template <typename Call>
  void Timed(Series& series, Call call) {
    const absl::Duration begin = Clock::System()->Steady();
    call();
    core_.Step();
    series.microseconds.push_back(absl::ToDoubleMicroseconds(Clock::System()->Steady() - begin));
  }

  void Submit() {
    std::vector<std::string> dimensions;
    for (int d = 0; d < options_.dimensions; ++d) dimensions.push_back(absl::StrCat("dimension", d));
    for (int s = 0; s < options_.sweeps; ++s) {
      SweepSpec spec = testing::SampleSpec(dimensions);
      spec.recompute = absl::StrCat("sweep", s);
      core_.CreateSweep(absl::StrCat("request", s), spec, testing::SamplePlan(options_.checkpoints),
                        [](absl::StatusOr<SweepView>) {});
      core_.Step();
    }
    for (int w = 0; w < options_.workers; ++w) {
      workers_.push_back({{absl::StrCat("worker", w), "incarnation"}, {}, 0});
      core_.Register({workers_.back().ref, "host", "cpu", "1", ""}, [](absl::StatusOr<RegisterAnswer>) {});
      core_.Step();
    }
  }

  void Lease(SimulatedWorker& worker) {
    Timed(lease_, [&] {
      core_.Lease({worker.ref, absl::Seconds(60), {"/models/none"}},
                  [&worker](absl::StatusOr<LeaseAnswer> answer) {
                    if (answer.ok()) worker.grant = std::move(answer->grant);
                  });
    });
  }

  void Heartbeat(SimulatedWorker& worker) {
    Timed(heartbeat_, [&] {
      core_.Heartbeat({worker.ref, {{worker.grant->lease_id, ++worker.steps, 1000, 0}}},
                      [](absl::StatusOr<HeartbeatAnswer>) {});
    });
  }

  void Finish(SimulatedWorker& worker) {
    for (const GrantedTask& task : worker.grant->tasks) {
      Outcome outcome = testing::SampleOutcome();
      outcome.provenance.dataset_digest = task.dimension.dataset_digest;
      outcome.provenance.configuration = worker.grant->analysis.Canonical();
      Timed(commit_, [&] {
        core_.Commit({worker.ref, worker.grant->lease_id, task.task_id, task.epoch}, std::move(outcome),
                     [](absl::StatusOr<CommitAnswer> answer) {
                       if (!answer.ok()) std::abort();
                     });
      });
    }
    core_.Release(worker.ref, worker.grant->lease_id, std::nullopt, [](absl::StatusOr<bool>) {});
    core_.Step();
    worker.grant.reset();
  }

  const Options options_;
  testing::MemoryStore store_;
  testing::ManualClock clock_;
  testing::CountingRandom random_;
  std::mt19937 choice_{1};
  size_t next_beat_ = 0;
  testing::SilentObserver observer_;
  CoordinatorCore core_;
  std::vector<SimulatedWorker> workers_;
  Series lease_{"lease", {}}, heartbeat_{"heartbeat", {}}, commit_{"commit", {}};
};

}  // namespace

int Main(int argc, char** argv) {
  CLI::App app("Time of the coordinator's core for each lease, heartbeat and commit.", "core_throughput");
  Options options;
  app.add_option("--workers", options.workers)->capture_default_str();
  app.add_option("--sweeps", options.sweeps)->capture_default_str();
  app.add_option("--checkpoints", options.checkpoints, "Of each sweep")->capture_default_str();
  app.add_option("--dimensions", options.dimensions)->capture_default_str();
  app.add_option("--leases", options.leases, "How many to give")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (!InitLogging({"warn", "core_throughput"}).ok()) return 1;
  return Simulation(options).Run();
}

}  // namespace probesweep::server

int main(int argc, char** argv) { return probesweep::server::Main(argc, argv); }
