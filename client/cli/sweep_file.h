// The sweep file: what its author writes in YAML (docs/formats.md), read with every mistake's place.
#ifndef PROBESWEEP_CLIENT_CLI_SWEEP_FILE_H_
#define PROBESWEEP_CLIENT_CLI_SWEEP_FILE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "probesweep/v1/resources.pb.h"

namespace probesweep::client {

struct SweepFile {
  v1::SweepSpec spec;                 // complete but for the dimensions' dataset digests
  std::vector<std::string> datasets;  // for each dimension its CSV's bytes
  std::vector<std::string> warnings;  // what its author should know, one sentence or two each
};

// Reads the file, and the dimension files and datasets that it names. Relative paths start at the file's
// folder. Errors: NOT_FOUND, PERMISSION_DENIED (the file itself); INVALID_ARGUMENT, one line for each mistake
// with file, line, field and the nearest valid name.
absl::StatusOr<SweepFile> ReadSweepFile(const std::string& path);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLI_SWEEP_FILE_H_
