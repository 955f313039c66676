#include "worker/exec/continued_batch.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <numeric>

#include "absl/algorithm/container.h"
#include "absl/types/span.h"
#include "common/status.h"
#include "worker/exec/sampler.h"
#include "worker/exec/steering_directions.h"
#include "worker/model/last_tokens.h"

namespace probesweep::worker {
namespace {

// Neighbours of one shape share a run: they are computed in one piece.
void AddStatement(int64_t length, int64_t start, PackedLayout& layout) {
  const bool same =
      !layout.runs.empty() && layout.runs.back().length == length && layout.runs.back().start == start;
  if (!same) layout.runs.push_back({0, length, start});
  ++layout.runs.back().statements;
}

}  // namespace

ContinuedBatch::ContinuedBatch(const ResidentExecutor& executor,
                               const std::vector<std::vector<int64_t>>& prompts, size_t first, size_t last,
                               const GenerationOptions& options, const SteeringDirections& steering)
    : executor_(executor),
      first_(first),
      options_(options),
      steering_(steering),
      ids_(prompts.begin() + static_cast<std::ptrdiff_t>(first),
           prompts.begin() + static_cast<std::ptrdiff_t>(last)),
      active_(ids_.size()) {
  std::iota(active_.begin(), active_.end(), 0);
  std::stable_sort(active_.begin(), active_.end(),
                   [this](size_t a, size_t b) { return ids_[a].size() < ids_[b].size(); });
}

absl::Status ContinuedBatch::Run() {
  caches_.assign(static_cast<size_t>(executor_.model().layers()), KeyValueCache(active_.size()));
  for (int64_t step = 0; step < options_.max_new_tokens && !active_.empty(); ++step) {
    PS_RETURN_IF_ERROR(Step(step == 0 ? WholePrompts() : LastTokens(), static_cast<uint64_t>(step)));
  }
  caches_.clear();
  return absl::OkStatus();
}

ResidentInput ContinuedBatch::WholePrompts() {
  ResidentInput input;
  input.caches = &caches_;
  for (const size_t place : active_) {
    input.ids.insert(input.ids.end(), ids_[place].begin(), ids_[place].end());
    AddStatement(static_cast<int64_t>(ids_[place].size()), 0, input.layout);
  }
  return input;
}

ResidentInput ContinuedBatch::LastTokens() {
  ResidentInput input;
  input.caches = &caches_;
  for (const size_t place : active_) {
    input.ids.push_back(ids_[place].back());
    AddStatement(1, static_cast<int64_t>(ids_[place].size()) - 1, input.layout);
  }
  return input;
}

absl::Status ContinuedBatch::Step(const ResidentInput& input, uint64_t step) {
  PS_ASSIGN_OR_RETURN(const at::Tensor residual, executor_.Forward(input, steering_));
  PS_ASSIGN_OR_RETURN(at::Tensor logits, executor_.Logits(LastTokenRows(residual, input.layout)));
  logits = logits.contiguous();  // [active, vocab]
  const auto vocab = static_cast<size_t>(logits.size(1));
  std::vector<size_t> kept;  // places in active_
  for (size_t i = 0; i < active_.size(); ++i) {
    const size_t place = active_[i];
    const absl::Span<const float> row(logits.data_ptr<float>() + i * vocab, vocab);
    const int64_t token = NextToken(row, options_.sampling, first_ + place, step);
    ids_[place].push_back(token);
    if (!absl::c_linear_search(options_.stop_ids, token)) kept.push_back(i);
  }
  if (kept.size() == active_.size()) return absl::OkStatus();
  for (KeyValueCache& cache : caches_) cache.Keep(kept);
  for (size_t i = 0; i < kept.size(); ++i) active_[i] = active_[kept[i]];
  active_.resize(kept.size());
  return absl::OkStatus();
}

}  // namespace probesweep::worker
