#ifndef PROBESWEEP_CLIENT_CLI_ARTIFACT_DIFFERENCES_H_
#define PROBESWEEP_CLIENT_CLI_ARTIFACT_DIFFERENCES_H_

#include "absl/status/statusor.h"
#include "client/client.h"
#include "client/compare/comparison.h"

namespace probesweep::client {

// The rows of a sweep, and where its artifacts are.
struct ComparedSweep {
  v1::Sweep sweep;
  ResultSet rows;
};

// Compares the artifacts of the cells of which both sweeps have rows. Those with one digest are the same; of
// the others, one of each side at a time is fetched into a temporary folder.
absl::StatusOr<ArtifactComparison> CompareArtifacts(const ComparedSweep& a, const ComparedSweep& b,
                                                    double tolerance, Client* client);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLI_ARTIFACT_DIFFERENCES_H_
