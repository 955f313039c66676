// Dimensions as people write them: the fields that an entry of a sweep file has, and the files that hold them
// for use in many sweeps (docs/dimensions.md).
#ifndef PROBESWEEP_CLIENT_CLI_DIMENSION_FILE_H_
#define PROBESWEEP_CLIENT_CLI_DIMENSION_FILE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/yaml_fields.h"
#include "dataset/grouping.h"

namespace probesweep::client {

// What is unset was not written, or was wrong.
struct DimensionFields {
  std::string file;  // the dimension file that fields came from; "" when there is none
  std::optional<std::string> name;
  std::optional<std::string> dataset;  // absolute path of the CSV
  std::optional<std::string> dataset_name;
  std::optional<std::string> label_meaning;
  std::optional<double> steering_share;
  std::optional<Grouping> grouping;

  // Of dimension files only: the dataset as its publisher gives it.
  std::optional<std::string> publication, url, licence;
  std::optional<std::string> sha256;  // of the CSV
  std::optional<int64_t> rows;
};

// The fields that a sweep file's entry and a dimension file share.
const std::vector<std::string>& SharedDimensionFields();

// Reads the shared fields; relative paths start at `folder`.
DimensionFields ReadSharedFields(YamlFields& fields, const std::string& folder);

// Reads a dimension file. Relative paths start at its folder. Errors: NOT_FOUND, PERMISSION_DENIED (the
// file); INVALID_ARGUMENT, one line for each mistake with file, line, field and the nearest valid name.
absl::StatusOr<DimensionFields> ReadDimensionFile(const std::string& path);

// `over` where it says something, else `under`.
DimensionFields Merged(const DimensionFields& over, const DimensionFields& under);

// The dataset's name in exports: as given, else the CSV's file name without extension.
std::string DatasetName(const DimensionFields& fields);

// Why `csv` is not what the dimension file describes, or "" when it is, or when the file gives no checksum.
std::string ChecksumWarning(const DimensionFields& fields, const std::string& csv);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLI_DIMENSION_FILE_H_
