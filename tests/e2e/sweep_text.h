// Sweep files for the tests.
#ifndef PROBESWEEP_TESTS_E2E_SWEEP_TEXT_H_
#define PROBESWEEP_TESTS_E2E_SWEEP_TEXT_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/test_data.h"

namespace probesweep::testing {

inline std::string DemoCheckpoints(const std::string& steps) {
  return absl::StrCat(SourceDir(), "/deploy/demo/checkpoints/step", steps);
}
inline std::string DemoDataset(const std::string& name) {
  return absl::StrCat(SourceDir(), "/deploy/demo/data/", name, ".csv");
}

struct DimensionText {
  std::string name;
  std::string dataset;  // path
  double steering_share = 0.5;
};

// `analysis`: the map, in YAML on one line. One protocol, so that an export has one row a layer.
inline std::string SweepText(const std::string& name, const std::vector<std::string>& checkpoints,
                             const std::vector<DimensionText>& dimensions,
                             const std::string& analysis = "{protocols: [released]}") {
  std::string text = absl::StrCat("name: ", name, "\nmodel: demo-neox\ncheckpoints:\n");
  for (const std::string& checkpoint : checkpoints) absl::StrAppend(&text, "  - '", checkpoint, "'\n");
  absl::StrAppend(&text, "dimensions:\n");
  for (const DimensionText& dimension : dimensions) {
    absl::StrAppend(&text, "  - name: ", dimension.name, "\n    dataset: '", dimension.dataset,
                    "'\n    steering_share: ", dimension.steering_share, "\n");
  }
  return absl::StrCat(text, "analysis: ", analysis, "\n");
}

// Dimensions of the demo by name.
inline std::vector<DimensionText> DemoDimensions(const std::vector<std::string>& names) {
  std::vector<DimensionText> dimensions;
  for (const std::string& name : names) dimensions.push_back({name, DemoDataset(name)});
  return dimensions;
}

}  // namespace probesweep::testing

#endif  // PROBESWEEP_TESTS_E2E_SWEEP_TEXT_H_
