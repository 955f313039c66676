#include "client/cli/following.h"

#include "absl/strings/str_cat.h"
#include "client/cli/output.h"
#include "client/render/progress.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

absl::Status Verdict(const v1::Sweep& sweep) {
  const v1::TaskCounts& counts = sweep.tasks();
  if (sweep.state() == v1::SWEEP_STATE_SUCCEEDED) return absl::OkStatus();
  if (sweep.state() == v1::SWEEP_STATE_CANCELLED) {
    return absl::AbortedError(
        absl::StrCat("sweep ", sweep.spec().name(), " (", sweep.id(), ") was cancelled: ", DoneText(counts),
                     " tasks are done; `probesweep sweep retry ", sweep.id(), "` takes it up again"));
  }
  return absl::AbortedError(absl::StrCat(
      "sweep ", sweep.spec().name(), " (", sweep.id(), "): ", counts.quarantined(), " of ",
      TotalTasks(counts),
      " tasks failed. Mend what their errors say; for a checkpoint or a worker then `probesweep sweep retry ",
      sweep.id(), "`, for a dataset submit the sweep again: retries use the copy that was uploaded"));
}

}  // namespace

absl::Status FollowToEnd(const std::string& sweep_id, bool show_progress, Client& client, Session& session) {
  ProgressLine progress(session.err(), session.err_terminal(), Clock::System());
  v1::Sweep last;
  WatchCallbacks callbacks;
  callbacks.on_update = [&](const v1::WatchSweepResponse& state) {
    last = state.sweep();
    if (show_progress) progress.Update(state);
    return absl::OkStatus();
  };
  callbacks.on_lost = [&](const absl::Status& status) {
    progress.Note(absl::StrCat("connection lost, trying again: ", status.message()));
  };
  const absl::Status watched = client.Watch(sweep_id, callbacks);
  progress.Finish();
  PS_RETURN_IF_ERROR(watched);
  PS_RETURN_IF_ERROR(PrintFailedTasks(last, client, session));
  return Verdict(last);
}

}  // namespace probesweep::client
