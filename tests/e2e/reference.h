// A sweep's results held against values that other programs computed.
#ifndef PROBESWEEP_TESTS_E2E_REFERENCE_H_
#define PROBESWEEP_TESTS_E2E_REFERENCE_H_

#include <nlohmann/json.hpp>
#include <string>

#include "tests/e2e/cluster.h"

namespace probesweep::testing {

// The largest deviations over all cells (checkpoint × dataset × layer).
struct Deviations {
  int cells = 0;
  int accuracies_off = 0;         // by more than one test row
  int accuracies_equal = 0;       // exactly
  double coef_norm = 0;           // relative
  double information = 0;         // of mi_tx and mi_ty: absolute below 1, relative above
  double steering_norm = 0;       // relative
  double steering_direction = 0;  // absolute, by component
};

// `reference`: a list of cells as tests/golden/sweep/expected.json has them. The sweep's dimensions are named
// as the reference's datasets. Reads what `results export` and `artifacts fetch` give; a cell that they lack
// fails the test.
Deviations CompareWithReference(const Cluster& cluster, const std::string& sweep,
                                const nlohmann::json& reference);

// Fails the test where a deviation is beyond what arithmetic of another order explains; prints them all.
void ExpectAgreement(const Deviations& deviations);

}  // namespace probesweep::testing

#endif  // PROBESWEEP_TESTS_E2E_REFERENCE_H_
