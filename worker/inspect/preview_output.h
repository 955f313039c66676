#ifndef PROBESWEEP_WORKER_INSPECT_PREVIEW_OUTPUT_H_
#define PROBESWEEP_WORKER_INSPECT_PREVIEW_OUTPUT_H_

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "worker/inspect/pass_preview.h"

namespace probesweep::worker {

// What is told of each part, as lines of a report.
std::vector<std::pair<std::string, std::string>> PreviewLines(const PassPreview& preview);

// The same for scripts; docs/cli.md has the fields.
nlohmann::ordered_json PreviewJson(const PassPreview& preview);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_INSPECT_PREVIEW_OUTPUT_H_
