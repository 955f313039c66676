// What runs of the engine cost, as a table for people and as JSON for scripts.
#ifndef PROBESWEEP_BENCH_ENGINE_RUN_TABLE_H_
#define PROBESWEEP_BENCH_ENGINE_RUN_TABLE_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace probesweep::worker {

struct RunRow {
  std::string name;
  int64_t tokens = 0;     // of all statements
  int64_t computed = 0;   // after sharing
  double operations = 0;  // of the matrix products with weights, as computed
  // Seconds. `forward` and `analyse` are summed over cores where `in_core_seconds`, else wall time.
  double load = 0, tokenize = 0, forward = 0, analyse = 0, wall = 0;
  double processor = 0;  // seconds of all threads
  // Of the rate at which products alone run: by the time of forward, and by its processor seconds where these
  // are known.
  double share = 0, share_by_processor = 0;
  double peak_mib = 0;  // of the process, up to the end of this run
};

void PrintTable(const std::vector<RunRow>& rows, bool in_core_seconds);

nlohmann::json ToJson(const RunRow& row);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_BENCH_ENGINE_RUN_TABLE_H_
