#include "client/cli/fetched_results.h"

#include "client/cli/output.h"
#include "client/render/progress.h"
#include "common/status.h"

namespace probesweep::client {

void WarnOfMissingResults(const v1::Sweep& sweep, Session& session) {
  const v1::TaskCounts& counts = sweep.tasks();
  if (counts.done() == TotalTasks(counts)) return;
  session.err() << "warning: sweep " << sweep.spec().name() << " is " << SweepStateName(sweep.state()) << ": "
                << DoneText(counts) << " tasks have results\n";
}

absl::StatusOr<FetchedResults> FetchResults(const std::string& name, const GridSelection& selection,
                                            Session& session) {
  PS_ASSIGN_OR_RETURN(Client* const client, session.client());
  FetchedResults fetched;
  PS_ASSIGN_OR_RETURN(fetched.sweep, client->ResolveSweep(name));
  // A mistake in the selection is told before a long stream is read.
  PS_RETURN_IF_ERROR(MakeGrids(fetched.sweep, fetched.rows, selection).status());
  PS_RETURN_IF_ERROR(
      client->QueryResults(fetched.sweep.id(), selection.dimensions, [&fetched](const v1::ResultRow& row) {
        fetched.rows.push_back(row);
        return absl::OkStatus();
      }));
  WarnOfMissingResults(fetched.sweep, session);
  PS_ASSIGN_OR_RETURN(fetched.grids, MakeGrids(fetched.sweep, fetched.rows, selection));
  return fetched;
}

}  // namespace probesweep::client
