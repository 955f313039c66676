// The problems of tests/golden/probes, made from their parameters, and what scikit-learn finds on them.
#ifndef PROBESWEEP_TESTS_UNIT_WORKER_ANALYSIS_PROBE_PROBLEMS_H_
#define PROBESWEEP_TESTS_UNIT_WORKER_ANALYSIS_PROBE_PROBLEMS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace probesweep::worker::testing {

struct ProbeProblem {
  nlohmann::json parameters;  // an entry of problems.json
  double c = 1;
  at::Tensor features;  // fp64 [rows, features]
  at::Tensor labels;    // fp64 [rows]
};

// tests/golden/probes/<name>.json: an array with one entry for each problem.
nlohmann::json ReadProbeGolden(const std::string& name);

// Bit for bit what make_probe_golden.py makes of the same parameters.
ProbeProblem MakeProbeProblem(const nlohmann::json& parameters);

}  // namespace probesweep::worker::testing

#endif  // PROBESWEEP_TESTS_UNIT_WORKER_ANALYSIS_PROBE_PROBLEMS_H_
