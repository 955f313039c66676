#include "client/cli/dry_run.h"

#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/checkpoint_folders.h"
#include "client/cli/child_process.h"
#include "client/cli/program_output.h"
#include "client/render/table.h"
#include "common/file.h"
#include "common/number_format.h"
#include "common/printable.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

using nlohmann::json;

// The datasets as files, for the worker to read; gone with it.
class DatasetFiles {
 public:
  static absl::StatusOr<DatasetFiles> Write(const std::vector<std::string>& datasets) {
    std::string folder = (std::filesystem::temp_directory_path() / "probesweep-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) return ErrnoStatus(errno, "make a folder like", folder);
    DatasetFiles files;
    files.folder_ = folder;
    for (size_t i = 0; i < datasets.size(); ++i) {
      files.paths_.push_back(absl::StrCat(folder, "/", i, ".csv"));
      PS_RETURN_IF_ERROR(WriteFileAtomically(files.paths_.back(), datasets[i]));
    }
    return files;
  }
  ~DatasetFiles() {
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }
  DatasetFiles(DatasetFiles&& other) noexcept
      : folder_(std::exchange(other.folder_, {})), paths_(std::move(other.paths_)) {}
  DatasetFiles& operator=(DatasetFiles&&) = delete;

  const std::vector<std::string>& paths() const { return paths_; }

 private:
  DatasetFiles() = default;

  std::string folder_;
  std::vector<std::string> paths_;
};

// What the worker says of one checkpoint.
struct CheckpointPlan {
  int64_t bytes = 0, tokens = 0, rows = 0, peak = 0, threads = 0;
  double flops = 0, seconds = 0;
  double sgemm_rate = 0, read_rate = 0;
};

absl::StatusOr<CheckpointPlan> ParsePlan(const json& plan) {
  try {
    CheckpointPlan parsed;
    parsed.bytes = plan.at("bytes_to_read").get<int64_t>();
    parsed.tokens = plan.at("tokens").get<int64_t>();
    parsed.rows = plan.at("rows").get<int64_t>();
    parsed.peak = plan.at("memory_bytes").at("peak").get<int64_t>();
    parsed.threads = plan.at("threads").get<int64_t>();
    const json& flops = plan.at("flops");
    parsed.flops = flops.at("products").get<double>() + flops.at("attention").get<double>();
    parsed.seconds = plan.at("seconds").at("pass").get<double>();
    parsed.sgemm_rate = plan.at("rates").at("sgemm").get<double>();
    parsed.read_rate = plan.at("rates").at("read").get<double>();
    return parsed;
  } catch (const json::exception& error) {
    return absl::InternalError(absl::StrCat("the plan of probesweep-worker is not understood (", error.what(),
                                            "); is it of this release?"));
  }
}

// What is the same for every checkpoint. Of the rates only those that are measured already.
std::vector<std::string> Arguments(const v1::AnalysisConfig& analysis, const DatasetFiles& datasets,
                                   const CheckpointPlan& measured) {
  std::vector<std::string> arguments = {"inspect", "--json", "--dataset"};
  arguments.insert(arguments.end(), datasets.paths().begin(), datasets.paths().end());
  arguments.push_back("--protocols");
  arguments.insert(arguments.end(), analysis.protocols().begin(), analysis.protocols().end());
  if (analysis.estimators_size() > 0) {
    arguments.push_back("--estimators");
    arguments.insert(arguments.end(), analysis.estimators().begin(), analysis.estimators().end());
  }
  const std::pair<const char*, std::string> values[] = {
      {"--solver", analysis.solver()},
      {"--splits", absl::StrCat(analysis.splits())},
      {"--permutations", absl::StrCat(analysis.permutations())}};
  for (const auto& [flag, value] : values) arguments.insert(arguments.end(), {flag, value});
  if (measured.sgemm_rate > 0) {
    arguments.insert(arguments.end(), {"--sgemm-rate", FormatDouble(measured.sgemm_rate), "--read-rate",
                                       FormatDouble(measured.read_rate)});
  }
  return arguments;
}

// The worker's plan, or what keeps the checkpoint from being probed.
absl::StatusOr<CheckpointPlan> PlanOf(const std::string& worker, std::vector<std::string> arguments,
                                      const std::string& folder) {
  arguments.insert(arguments.end(), {"--checkpoint", folder});
  PS_ASSIGN_OR_RETURN(const ProgramOutput output, ReadProgramOutput(worker, arguments));
  const json report = json::parse(output.text, nullptr, /*allow_exceptions=*/false);
  if (report.is_object() && report.contains("plan")) return ParsePlan(report["plan"]);
  if (report.is_object() && report.contains("problems") && !report["problems"].empty()) {
    return absl::InvalidArgumentError(report["problems"][0].get<std::string>());
  }
  return absl::InternalError(absl::StrCat("probesweep-worker ended with exit code ", output.exit_code,
                                          "; `probesweep-worker inspect --checkpoint ", folder,
                                          "` says more"));
}

std::string SecondsText(double seconds) {
  if (seconds < 100) return absl::StrFormat("%.3g s", seconds);
  if (seconds < 100 * 60) return absl::StrFormat("%.0f min", seconds / 60);
  return absl::StrFormat("%.1f h", seconds / 3600);
}

std::string FlopText(double flops) { return absl::StrFormat("%.3g TFLOP", flops / 1e12); }

// Sums over the checkpoints.
struct Totals {
  double bytes = 0, flops = 0, seconds = 0;
  int64_t peak = 0, threads = 0;
};

void AddPlan(const std::string& folder, const CheckpointPlan& plan, Table& table, Totals& totals) {
  table.AddRow({folder, ByteCount(plan.bytes), absl::StrCat(plan.tokens), absl::StrCat(plan.rows),
                FlopText(plan.flops), ByteCount(plan.peak), SecondsText(plan.seconds)});
  totals.bytes += static_cast<double>(plan.bytes);
  totals.flops += plan.flops;
  totals.seconds += plan.seconds;
  totals.peak = std::max(totals.peak, plan.peak);
  totals.threads = plan.threads;
}

void PrintTotals(const Totals& totals, size_t planned, size_t not_here, int dimensions, Session& session) {
  const size_t all = planned + not_here;
  session.out() << all << " checkpoints × " << dimensions
                << " dimensions = " << all * static_cast<size_t>(dimensions)
                << " tasks; what the coordinator knows already is not computed again\n";
  if (planned == 0) return;
  session.out() << (not_here == 0 ? "in all: " : "of those planned: ")
                << ByteCount(static_cast<int64_t>(totals.bytes)) << " to read, " << FlopText(totals.flops)
                << ", at most " << ByteCount(totals.peak) << " of memory, about "
                << SecondsText(totals.seconds) << " for one worker on " << totals.threads
                << (totals.threads == 1 ? " core" : " cores") << " of this machine\n";
}

}  // namespace

absl::Status ShowDryRun(const SweepFile& file, Session& session) {
  PS_ASSIGN_OR_RETURN(const CheckpointFolders folders, FindCheckpointFolders(file.spec));
  PS_ASSIGN_OR_RETURN(const std::string worker,
                      FindProgram("probesweep-worker", session.environment()("PATH")));
  PS_ASSIGN_OR_RETURN(const DatasetFiles datasets, DatasetFiles::Write(file.datasets));
  Table table({{"checkpoint", Align::kLeft},
               {"read", Align::kRight},
               {"tokens", Align::kRight},
               {"after sharing", Align::kRight},
               {"compute", Align::kRight},
               {"memory", Align::kRight},
               {"time", Align::kRight}});
  Totals totals;
  CheckpointPlan measured;  // the last one: its rates hold for all of them, on this machine
  size_t planned = 0, refused = 0;
  for (const std::string& folder : folders.here) {
    const absl::StatusOr<CheckpointPlan> plan =
        PlanOf(worker, Arguments(file.spec.analysis(), datasets, measured), folder);
    if (!plan.ok()) {
      ++refused;
      session.err() << Printable(folder) << " cannot be probed: " << Printable(plan.status().message())
                    << "\n";
      continue;
    }
    ++planned;
    measured = *plan;
    AddPlan(folder, *plan, table, totals);
  }
  for (const std::string& folder : folders.not_here) {
    session.err() << Printable(folder) << " is not reachable from here: no plan\n";
  }
  if (planned > 0) session.out() << table.Text();
  PrintTotals(totals, planned, refused + folders.not_here.size(), file.spec.dimensions_size(), session);
  if (refused == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(refused, " of ", folders.here.size(), " checkpoints that are here cannot be probed"));
}

}  // namespace probesweep::client
