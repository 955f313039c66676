// Runs simulated worlds: simulate [--first SEED] [--count N] [--folder DIR]. One line for each world with a
// violation, and a summary; exit code 1 when there was one. The same seed gives the same world.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include "common/logging.h"
#include "common/status.h"
#include "tests/simulation/world.h"

namespace {

// A coordinator that finds its memory wrong ends its process: that is a violation, too.
volatile std::sig_atomic_t current_seed = 0;
void ReportAbort(int) {
  char line[128];
  const int length =
      std::snprintf(line, sizeof line, "seed %ld:\n  the coordinator ended itself: memory was wrong\n",
                    static_cast<long>(current_seed));
  (void)!::write(STDOUT_FILENO, line, static_cast<size_t>(length));
  std::_Exit(probesweep::kExitFailedWork);
}

}  // namespace

int main(int argc, char** argv) {
  using probesweep::simulation::RunWorld;
  using probesweep::simulation::WorldReport;
  CLI::App app("Simulated worlds of a coordinator, workers and a network that fails");
  uint64_t first = 1, count = 1;
  std::string folder;
  bool print = false, stop = false;
  app.add_option("--first", first, "Seed of the first world")->capture_default_str();
  app.add_option("--count", count, "How many worlds")->capture_default_str();
  app.add_option("--folder", folder, "For the store; emptied")->required();
  app.add_flag("--stop-at-violation", stop, "After the first world with one");
  app.add_flag("--print", print, "A line for every world");
  CLI11_PARSE(app, argc, argv);
  spdlog::set_level(spdlog::level::off);
  std::signal(SIGABRT, ReportAbort);
  WorldReport all;
  uint64_t failed = 0;
  for (uint64_t seed = first; seed < first + count && !(stop && failed > 0); ++seed) {
    current_seed = static_cast<std::sig_atomic_t>(seed);
    const WorldReport report = RunWorld(seed, folder);
    if (print || !report.violations.empty()) {
      std::cout << "seed " << seed << ": " << report.events << " events, "
                << report.trace_digest.substr(0, 16) << std::endl;
    }
    for (const std::string& violation : report.violations) std::cout << "  " << violation << std::endl;
    failed += report.violations.empty() ? 0 : 1;
    all.events += report.events;
    all.accepted += report.accepted;
    all.computed += report.computed;
    all.replayed += report.replayed;
    all.coordinator_lives += report.coordinator_lives;
    all.worker_lives += report.worker_lives;
  }
  if (count >= 100 && failed == 0 && all.replayed == 0) {
    std::cout << "seed any:\n  no restarted worker sent what its spool held" << std::endl;
    ++failed;
  }
  std::cout << count << " worlds, " << failed << " with a violation; " << all.events << " events, "
            << all.computed << " computations, " << all.accepted << " accepted, " << all.replayed
            << " replayed from a spool, " << all.coordinator_lives << " lives of coordinators, "
            << all.worker_lives << " of workers" << std::endl;
  return failed == 0 ? probesweep::kExitDone : probesweep::kExitFailedWork;
}
