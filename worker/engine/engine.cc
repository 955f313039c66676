#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "worker/engine/pass.h"
#include "worker/engine/probing_pass.h"
#include "worker/engine/process_memory.h"
#include "worker/engine/surface_cache.h"
#include "worker/exec/compute_pool.h"
#include "worker/exec/machine_rates.h"
#include "worker/exec/torch_boundary.h"

namespace probesweep::worker {
namespace {

class CpuEngine : public Engine {
 public:
  explicit CpuEngine(int threads) : pool_(threads) {}

  absl::StatusOr<PassStatistics> RunPass(const PassRequest& request, PassObserver& observer) override {
    PassStatistics statistics;
    ForgetPeak();
    const absl::Duration start = Clock::System()->Steady();
    PS_RETURN_IF_ERROR(RunTorch([&]() -> absl::Status {
      PS_ASSIGN_OR_RETURN(
          statistics,
          ProbingPass(request, observer, {surfaces_, pool_, *Clock::System(), device(), "fp32"}).Run());
      return absl::OkStatus();
    }));
    statistics.pass = Clock::System()->Steady() - start;
    statistics.peak_bytes = PeakResidentBytes();
    statistics.sgemm_rate = SgemmRate(statistics.pass);
    return statistics;
  }

  std::string device() const override { return "cpu"; }

 private:
  // Measured behind the first pass that takes so long that nobody notices.
  double SgemmRate(absl::Duration pass) {
    const absl::Duration to_measure = absl::Milliseconds(200);
    if (sgemm_rate_ == 0 && pass > 50 * to_measure) {
      sgemm_rate_ = MeasureSgemmRate(&pool_, to_measure).value_or(0);
    }
    return sgemm_rate_;
  }

  SurfaceCache surfaces_;
  ComputePool pool_;
  double sgemm_rate_ = 0;
};

absl::Status CheckOptions(const EngineOptions& options) {
  if (absl::StartsWith(options.device, "cuda")) {
    return absl::FailedPreconditionError(absl::StrCat(
        "device '", options.device, "': this release computes on the CPU only; use --device cpu"));
  }
  if (options.device != "auto" && options.device != "cpu") {
    return absl::InvalidArgumentError(
        absl::StrCat("device '", options.device, "' is none of auto, cpu, cuda:N"));
  }
  if (options.dtype == "bf16") {
    return absl::FailedPreconditionError("dtype 'bf16' needs a GPU; on the CPU use --dtype fp32");
  }
  if (options.dtype != "auto" && options.dtype != "fp32") {
    return absl::InvalidArgumentError(
        absl::StrCat("dtype '", options.dtype, "' is none of auto, fp32, bf16"));
  }
  if (options.threads < 0) {
    return absl::InvalidArgumentError(absl::StrCat("threads is ", options.threads, "; 0 means all cores"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> CreateEngine(const EngineOptions& options) {
  PS_RETURN_IF_ERROR(CheckOptions(options));
  return std::make_unique<CpuEngine>(options.threads);
}

}  // namespace probesweep::worker
