#include "bench/engine/run_table.h"

#include <cstdio>

#include "absl/strings/str_format.h"

namespace probesweep::worker {

void PrintTable(const std::vector<RunRow>& rows, bool in_core_seconds) {
  const char* const unit = in_core_seconds ? "core-s" : "s";
  std::printf("%-20s %9s %9s %8s %8s %8s %9s %9s %8s %9s %8s %7s %6s\n", "", "tokens", "computed", "TFLOP",
              "load", "tokenize", "forward", "analyse", "wall", "processor", "peak", "of", "by");
  std::printf("%-20s %9s %9s %8s %8s %8s %9s %9s %8s %9s %8s %7s %6s\n", "", "", "", "", "s", "s", unit, unit,
              "s", "s", "MiB", "sgemm", "cpu");
  for (const RunRow& row : rows) {
    std::printf(
        "%-20s %9ld %9ld %8.3f %8.2f %8.2f %9.2f %9.2f %8.2f %9.2f %8.0f %6.0f%% %6s\n", row.name.c_str(),
        static_cast<long>(row.tokens), static_cast<long>(row.computed), row.operations / 1e12, row.load,
        row.tokenize, row.forward, row.analyse, row.wall, row.processor, row.peak_mib, 100 * row.share,
        row.share_by_processor > 0 ? absl::StrFormat("%.0f%%", 100 * row.share_by_processor).c_str() : "");
  }
}

nlohmann::json ToJson(const RunRow& row) {
  return {{"name", row.name},
          {"tokens", row.tokens},
          {"computed", row.computed},
          {"operations", row.operations},
          {"load", row.load},
          {"tokenize", row.tokenize},
          {"forward", row.forward},
          {"analyse", row.analyse},
          {"wall", row.wall},
          {"processor", row.processor},
          {"peak_mib", row.peak_mib},
          {"share_of_sgemm", row.share},
          {"share_by_processor", row.share_by_processor}};
}

}  // namespace probesweep::worker
