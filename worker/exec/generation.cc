#include "worker/exec/generation.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "worker/exec/continued_batch.h"
#include "worker/exec/input_limits.h"
#include "worker/exec/steering_directions.h"
#include "worker/exec/torch_boundary.h"

namespace probesweep::worker {
namespace {

using Prompts = std::vector<std::vector<int64_t>>;

// A batch takes prompts up to so many tokens, and at least one: its activations stay within bounds.
constexpr size_t kBatchTokens = 4096;

absl::Status CheckAll(const Model& model, const Prompts& prompts, const GenerationOptions& options) {
  if (options.max_new_tokens < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("the number of new tokens must be at least 1, not ", options.max_new_tokens));
  }
  if (options.batch < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("the batch must be at least 1 prompt, not ", options.batch));
  }
  PS_RETURN_IF_ERROR(CheckSampling(options.sampling));
  for (size_t i = 0; i < prompts.size(); ++i) {
    const absl::Status status = CheckPrompt(model, prompts[i], options.max_new_tokens);
    if (!status.ok()) return Annotate(status, absl::StrCat("prompt ", i + 1));
  }
  return absl::OkStatus();
}

// Where the batch that begins with prompt `first` ends.
size_t EndOfBatch(const Prompts& prompts, size_t first, int64_t batch) {
  size_t last = first, tokens = 0;
  while (last < prompts.size() && last - first < static_cast<size_t>(batch)) {
    tokens += prompts[last].size();
    if (last > first && tokens > kBatchTokens) break;
    ++last;
  }
  return last;
}

struct Job {
  Job(ContinuedBatch to_run, ComputePool* pool) : batch(std::move(to_run)), group(pool) {
    group.Run([this] { return batch.Run(); });
  }
  ContinuedBatch batch;
  JobGroup group;  // after the batch: destroyed, it waits for the job
};

}  // namespace

absl::Status CheckPrompt(const Model& model, const std::vector<int64_t>& prompt, int64_t max_new_tokens) {
  if (prompt.empty()) return absl::InvalidArgumentError("has no tokens; there is nothing to continue");
  PS_RETURN_IF_ERROR(CheckTokenIds(model, prompt));
  // The last new token is not fed to the model. No model has learned so many positions as kMost.
  constexpr int64_t kMost = int64_t{1} << 40;
  const int64_t fed = static_cast<int64_t>(prompt.size()) + std::min(max_new_tokens, kMost) - 1;
  return CheckPositions(model, fed,
                        absl::StrCat("its ", prompt.size(), " tokens and ", max_new_tokens, " new ones"),
                        "shorten it or ask for fewer");
}

absl::Status ContinuePrompts(const ResidentExecutor& executor, const Prompts& prompts,
                             const GenerationOptions& options, ComputePool* pool, OnContinued on_continued) {
  PS_RETURN_IF_ERROR(CheckAll(executor.model(), prompts, options));
  SteeringDirections steering;
  PS_RETURN_IF_ERROR(RunTorch([&]() -> absl::Status {
    PS_ASSIGN_OR_RETURN(steering, SteeringDirections::Create(options.steering, executor.model()));
    return absl::OkStatus();
  }));
  // Some more than run at a time, so that no core waits while the oldest is on its way.
  const auto ahead = static_cast<size_t>(2 * pool->threads());
  std::deque<std::unique_ptr<Job>> jobs;
  size_t next = 0;
  while (next < prompts.size() || !jobs.empty()) {
    while (next < prompts.size() && jobs.size() < ahead) {
      const size_t last = EndOfBatch(prompts, next, options.batch);
      jobs.push_back(
          std::make_unique<Job>(ContinuedBatch(executor, prompts, next, last, options, steering), pool));
      next = last;
    }
    const Job& oldest = *jobs.front();
    PS_RETURN_IF_ERROR(jobs.front()->group.Wait([] { return false; }));
    for (size_t i = 0; i < oldest.batch.ids().size(); ++i) {
      PS_RETURN_IF_ERROR(on_continued(oldest.batch.first() + i, oldest.batch.ids()[i]));
    }
    jobs.pop_front();
  }
  return absl::OkStatus();
}

}  // namespace probesweep::worker
