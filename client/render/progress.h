// A sweep's progress in one line.
#ifndef PROBESWEEP_CLIENT_RENDER_PROGRESS_H_
#define PROBESWEEP_CLIENT_RENDER_PROGRESS_H_

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

#include "absl/time/time.h"
#include "client/render/terminal.h"
#include "common/clock.h"
#include "probesweep/v1/sweep_service.pb.h"

namespace probesweep::client {

int64_t TotalTasks(const v1::TaskCounts& counts);
// "running", "succeeded", …
const char* SweepStateName(v1::SweepState state);

// How long the rest will take, from the pace seen since watching began. Not thread-safe.
class PaceEstimate {
 public:
  // `ended` tasks of `total` have ended at `now`.
  void Observe(int64_t ended, int64_t total, absl::Duration now);
  // Absent until enough has been seen: one pass's tasks end almost together after a long silence.
  std::optional<absl::Duration> Remaining(absl::Duration now) const;

 private:
  int64_t first_ended_ = -1;  // when watching began
  absl::Duration first_time_;
  int64_t last_ended_ = 0;
  absl::Duration last_time_;  // when a task last ended
  int64_t total_ = 0;
};

// "demo  12/40 done, 3 reused, 1 failed | box-cpu: step512 layer 3/6 | about 0:34 left".
std::string ProgressText(const v1::WatchSweepResponse& state, std::optional<absl::Duration> remaining);

// "0:34", "1:02:03".
std::string ShortDuration(absl::Duration duration);

// Shows progress: on a terminal one line that is written over, elsewhere a line whenever the tasks' counts or
// the checkpoints in hand change. Not thread-safe.
class ProgressLine {
 public:
  ProgressLine(std::ostream& out, Terminal terminal, Clock* clock)
      : out_(out), terminal_(terminal), clock_(clock) {}
  ~ProgressLine() { Finish(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void Update(const v1::WatchSweepResponse& state);
  // A line of its own that stays.
  void Note(const std::string& text);
  // Ends the line that is written over.
  void Finish();

 private:
  std::ostream& out_;
  const Terminal terminal_;
  Clock* const clock_;
  PaceEstimate pace_;
  std::string last_counts_;   // as of the last line off a terminal
  std::string last_holding_;  // likewise: who holds which checkpoint
  bool open_ = false;         // the terminal's cursor stands in an unfinished line
};

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_RENDER_PROGRESS_H_
