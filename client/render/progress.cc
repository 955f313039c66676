#include "client/render/progress.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/render/text.h"
#include "common/printable.h"

namespace probesweep::client {
namespace {

int64_t EndedTasks(const v1::TaskCounts& counts) {
  return counts.done() + counts.quarantined() + counts.cancelled();
}

std::string CountsKey(const v1::Sweep& sweep) {
  const v1::TaskCounts& counts = sweep.tasks();
  return absl::StrCat(sweep.state(), "/", counts.done(), "/", counts.quarantined(), "/", counts.cancelled(),
                      "/", counts.retry_wait());
}

std::string HoldingKey(const v1::WatchSweepResponse& state) {
  std::string key;
  for (const v1::Worker& worker : state.workers())
    absl::StrAppend(&key, worker.id(), "=", worker.checkpoint(), "/");
  return key;
}

}  // namespace

int64_t TotalTasks(const v1::TaskCounts& counts) {
  return counts.ready() + counts.leased() + counts.retry_wait() + EndedTasks(counts);
}

const char* SweepStateName(v1::SweepState state) {
  switch (state) {
    case v1::SWEEP_STATE_RUNNING:
      return "running";
    case v1::SWEEP_STATE_SUCCEEDED:
      return "succeeded";
    case v1::SWEEP_STATE_FAILED:
      return "failed";
    case v1::SWEEP_STATE_CANCELLED:
      return "cancelled";
    default:
      return "unknown";
  }
}

void PaceEstimate::Observe(int64_t ended, int64_t total, absl::Duration now) {
  total_ = total;
  // A retry takes `ended` back: the pace starts anew.
  if (first_ended_ < 0 || ended < last_ended_) {
    first_ended_ = ended;
    first_time_ = now;
  }
  if (ended > last_ended_) last_time_ = now;
  last_ended_ = ended;
}

std::optional<absl::Duration> PaceEstimate::Remaining(absl::Duration now) const {
  constexpr absl::Duration kLeastSeen = absl::Seconds(5);
  constexpr double kLeastShare = 0.1;
  const auto seen = static_cast<double>(last_ended_ - first_ended_);
  if (first_ended_ < 0 || seen < kLeastShare * static_cast<double>(total_ - first_ended_) || seen == 0) {
    return std::nullopt;
  }
  if (last_time_ - first_time_ < kLeastSeen) return std::nullopt;
  const absl::Duration per_task = (last_time_ - first_time_) / seen;
  const absl::Duration rest = per_task * static_cast<double>(total_ - last_ended_) - (now - last_time_);
  return std::max(rest, absl::ZeroDuration());
}

std::string ShortDuration(absl::Duration duration) {
  const int64_t seconds = absl::ToInt64Seconds(duration + absl::Milliseconds(500));
  if (seconds < 3600) return absl::StrFormat("%d:%02d", seconds / 60, seconds % 60);
  return absl::StrFormat("%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string ProgressText(const v1::WatchSweepResponse& state, std::optional<absl::Duration> remaining) {
  const v1::TaskCounts& counts = state.sweep().tasks();
  std::string text =
      absl::StrCat(state.sweep().spec().name(), "  ", counts.done(), "/", TotalTasks(counts), " done");
  if (counts.reused() > 0) absl::StrAppend(&text, ", ", counts.reused(), " reused");
  if (counts.quarantined() > 0) absl::StrAppend(&text, ", ", counts.quarantined(), " failed");
  if (counts.retry_wait() > 0) absl::StrAppend(&text, ", ", counts.retry_wait(), " to be retried");
  if (counts.cancelled() > 0) absl::StrAppend(&text, ", ", counts.cancelled(), " cancelled");
  const v1::SweepState sweep_state = state.sweep().state();
  if (sweep_state != v1::SWEEP_STATE_RUNNING)
    return absl::StrCat(Printable(text), " | ", SweepStateName(sweep_state));
  for (const v1::Worker& worker : state.workers()) {
    absl::StrAppend(&text, " | ", worker.id(), ": ", worker.checkpoint());
    if (worker.layers_total() > 0) {
      absl::StrAppend(&text, " layer ", worker.layers_done(), "/", worker.layers_total());
    }
  }
  if (state.workers().empty()) absl::StrAppend(&text, " | waiting for a worker");
  if (remaining) absl::StrAppend(&text, " | about ", ShortDuration(*remaining), " left");
  return Printable(text);
}

void ProgressLine::Update(const v1::WatchSweepResponse& state) {
  const absl::Duration now = clock_->Steady();
  const v1::TaskCounts& counts = state.sweep().tasks();
  pace_.Observe(EndedTasks(counts), TotalTasks(counts), now);
  const std::string text = ProgressText(state, pace_.Remaining(now));
  if (terminal_.interactive) {
    // One column stays free, or some terminals wrap.
    out_ << "\r\x1b[K" << Truncated(text, static_cast<size_t>(std::max(terminal_.width - 1, 1)))
         << std::flush;
    open_ = true;
    return;
  }
  std::string counts_key = CountsKey(state.sweep());
  std::string holding = HoldingKey(state);
  // Between two grants nobody holds anything for a moment: that is no news.
  if (counts_key == last_counts_ && (holding.empty() || holding == last_holding_)) return;
  last_counts_ = std::move(counts_key);
  if (!holding.empty()) last_holding_ = std::move(holding);
  out_ << text << "\n" << std::flush;
}

void ProgressLine::Note(const std::string& text) {
  if (open_) out_ << "\r\x1b[K";
  open_ = false;
  out_ << Printable(text) << "\n" << std::flush;
}

void ProgressLine::Finish() {
  if (open_) out_ << "\n" << std::flush;
  open_ = false;
}

}  // namespace probesweep::client
