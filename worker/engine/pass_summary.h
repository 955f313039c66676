#ifndef PROBESWEEP_WORKER_ENGINE_PASS_SUMMARY_H_
#define PROBESWEEP_WORKER_ENGINE_PASS_SUMMARY_H_

#include <string>

#include "worker/engine/pass.h"

namespace probesweep::worker {

// A pass beside its plan, in a sentence: "took 81.3 s (expected 75.1 s), forward at 74 % of sgemm, peak
// 1.2 GiB (planned 1.3 GiB)". What is not known is left out.
std::string PassSummary(const PassStatistics& statistics);

// Stage by stage, as the end of a log line (common/log_fields.h). Seconds of forward and analyse are summed
// over cores.
std::string PassFields(const std::string& checkpoint, const PassStatistics& statistics);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ENGINE_PASS_SUMMARY_H_
