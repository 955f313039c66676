// What tasks came to, as sweep_service messages.
#ifndef PROBESWEEP_SERVER_RPC_CONVERT_RESULTS_H_
#define PROBESWEEP_SERVER_RPC_CONVERT_RESULTS_H_

#include <vector>

#include "probesweep/v1/resources.pb.h"
#include "probesweep/v1/sweep_service.pb.h"
#include "server/domain/outcome.h"
#include "server/domain/sweep.h"
#include "server/service/commands.h"

namespace probesweep::server {

// The rows of one task, by layer, then protocol as configured.
std::vector<v1::ResultRow> ToRows(const Sweep& sweep, const ResultPlan::Entry& entry, const Outcome& outcome);
void AddArtifacts(const Sweep& sweep, const ResultPlan::Entry& entry, const Outcome& outcome,
                  v1::ListArtifactsResponse& out);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_RPC_CONVERT_RESULTS_H_
