#ifndef PROBESWEEP_CLIENT_CLI_KEPT_SIZE_H_
#define PROBESWEEP_CLIENT_CLI_KEPT_SIZE_H_

#include <string>
#include <vector>

#include "probesweep/v1/resources.pb.h"

namespace probesweep::client {

// How large the artifacts of a planned sweep will be that keeps its representations, and from what that is
// found: checkpoints, the statements of all `datasets` (one CSV for each dimension), and the layers and
// features that config.json of the first checkpoint says. Where that cannot be seen from here, the formula.
std::string KeptRepresentationsText(const v1::Sweep& sweep, const std::vector<std::string>& datasets);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLI_KEPT_SIZE_H_
