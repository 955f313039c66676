// A sweep with all its result rows, as `results show` and `results plot` need it.
#ifndef PROBESWEEP_CLIENT_CLI_FETCHED_RESULTS_H_
#define PROBESWEEP_CLIENT_CLI_FETCHED_RESULTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/session.h"
#include "client/render/result_grid.h"

namespace probesweep::client {

struct FetchedResults {
  v1::Sweep sweep;
  std::vector<v1::ResultRow> rows;
  std::vector<ResultGrid> grids;  // point into `rows`
};

// Errors: NOT_FOUND (no such sweep), INVALID_ARGUMENT (the selection). Tells on `err` what is missing.
absl::StatusOr<FetchedResults> FetchResults(const std::string& name, const GridSelection& selection,
                                            Session& session);

// Tells on `err` that results of unfinished or failed tasks are missing.
void WarnOfMissingResults(const v1::Sweep& sweep, Session& session);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLI_FETCHED_RESULTS_H_
