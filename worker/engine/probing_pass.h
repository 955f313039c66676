#ifndef PROBESWEEP_WORKER_ENGINE_PROBING_PASS_H_
#define PROBESWEEP_WORKER_ENGINE_PROBING_PASS_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock.h"
#include "worker/engine/dimension_task.h"
#include "worker/engine/opened_checkpoint.h"
#include "worker/engine/pass.h"
#include "worker/engine/plan_input.h"
#include "worker/engine/surface_cache.h"
#include "worker/exec/compute_pool.h"
#include "worker/exec/layerwise_executor.h"

namespace probesweep::worker {

// What an engine lends to its passes.
struct PassTools {
  SurfaceCache& surfaces;
  ComputePool& pool;
  Clock& clock;
  std::string device;  // named in the results' provenance
  std::string dtype;
};

// One pass: open → tokenize → pack → layer by layer: forward → representations → analyse. The analysis of a
// layer runs beside the forward of the next ones. Used once.
class ProbingPass {
 public:
  ProbingPass(const PassRequest& request, PassObserver& observer, const PassTools& tools)
      : request_(request),
        observer_(observer),
        surfaces_(tools.surfaces),
        pool_(tools.pool),
        clock_(tools.clock),
        device_(tools.device),
        dtype_(tools.dtype) {}

  // As Engine::RunPass.
  absl::StatusOr<PassStatistics> Run();

 private:
  // Adds the time that it lives to a stage's.
  class Stage;

  absl::Status Open();
  // Of what is left to do, once the statements are known.
  void Plan();
  // Reads and tokenizes the datasets; a bad one is reported and left out.
  absl::Status Prepare();
  absl::Status RunLayer(int64_t layer);
  void StartAnalysis(int64_t layer);
  // Waits until the analysis of at most `layers` layers is under way.
  absl::Status AwaitAnalysis(size_t layers);
  // Tells the observer of steps not yet told; true when the pass is cancelled.
  bool Poll();
  // Counts a step, from any thread; the next Poll tells it.
  void CountStep() { steps_.fetch_add(1, std::memory_order_relaxed); }
  // The same, from any thread; CANCELLED when a Poll has heard so.
  absl::Status Step();
  absl::Status Report();
  Provenance ProvenanceOf(const DimensionTask& task) const;

  const PassRequest& request_;
  PassObserver& observer_;
  SurfaceCache& surfaces_;
  ComputePool& pool_;
  Clock& clock_;
  const std::string device_, dtype_;
  std::string tokenizer_digest_;
  PassStatistics statistics_;
  std::vector<PlannedDimension> planned_;  // one per pack
  std::atomic<int64_t> steps_{0};
  std::atomic<bool> cancelled_{false};
  int64_t steps_told_ = 0;
  OpenedCheckpoint checkpoint_;
  std::vector<std::unique_ptr<DimensionTask>> tasks_;  // one per pack
  std::unique_ptr<LayerwiseExecutor> executor_;
  std::deque<std::unique_ptr<JobGroup>> analyses_;  // one per layer under way; ends before tasks_
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ENGINE_PROBING_PASS_H_
