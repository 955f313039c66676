// How `dimension validate` tells what it found.
#ifndef PROBESWEEP_CLIENT_CLI_DATASET_REPORT_OUTPUT_H_
#define PROBESWEEP_CLIENT_CLI_DATASET_REPORT_OUTPUT_H_

#include <string>
#include <vector>

#include "client/cli/dimension_file.h"
#include "dataset/dataset_report.h"

namespace probesweep::client {

// One dataset, what its author says of it, and what was found.
struct ValidatedDataset {
  DimensionFields fields;
  std::string sha256;  // of the CSV
  DatasetReport report;
  std::vector<std::string> warnings;
};

std::string ReportText(const ValidatedDataset& dataset);

// One JSON object, documented in docs/dimensions.md.
std::string ReportJson(const ValidatedDataset& dataset);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLI_DATASET_REPORT_OUTPUT_H_
