// The `analysis` of a sweep file (docs/formats.md).
#ifndef PROBESWEEP_CLIENT_CLI_ANALYSIS_FIELDS_H_
#define PROBESWEEP_CLIENT_CLI_ANALYSIS_FIELDS_H_

#include "client/cli/yaml_fields.h"
#include "common/analysis_config.h"
#include "probesweep/v1/resources.pb.h"

namespace probesweep::client {

// The configuration under the field "analysis" of `parent`; defaults where that is absent or silent. What is
// wrong goes to `mistakes`.
AnalysisConfig ReadAnalysis(YamlFields& parent, Mistakes& mistakes);

v1::AnalysisConfig ToProto(const AnalysisConfig& config);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLI_ANALYSIS_FIELDS_H_
