// What the content digests in results tell about a sweep's checkpoints.
#ifndef PROBESWEEP_CLIENT_RENDER_SHARED_WEIGHTS_H_
#define PROBESWEEP_CLIENT_RENDER_SHARED_WEIGHTS_H_

#include <string>
#include <vector>

#include "probesweep/v1/resources.pb.h"

namespace probesweep::client {

// One sentence for each digest that several checkpoints have ("step1000 and step1000-fixed hold the same
// weights"), and one for each checkpoint whose rows have several digests. In the order of the rows.
std::vector<std::string> WeightNotes(const std::vector<v1::ResultRow>& rows);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_RENDER_SHARED_WEIGHTS_H_
