// Small valid sweeps and outcomes for tests of the coordinator.
#ifndef PROBESWEEP_TESTS_SUPPORT_SAMPLE_SWEEPS_H_
#define PROBESWEEP_TESTS_SUPPORT_SAMPLE_SWEEPS_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "server/domain/outcome.h"
#include "server/domain/sweep.h"
#include "server/scheduling/planner.h"

namespace probesweep::testing {

inline server::Dimension SampleDimension(const std::string& name) {
  server::Dimension dimension;
  dimension.name = name;
  dimension.dataset = name + "_set";
  dimension.dataset_digest = Sha256Hex(name);
  dimension.label_meaning = "the statement is true";
  return dimension;
}

inline server::SweepSpec SampleSpec(const std::vector<std::string>& dimensions = {"truth", "privacy"}) {
  server::SweepSpec spec;
  spec.name = "demo";
  spec.model = "pythia";
  spec.checkpoints.push_back({"/models/step{0..1}", {}, {}});
  for (const std::string& name : dimensions) spec.dimensions.push_back(SampleDimension(name));
  return spec;
}

// Checkpoints step0, step1, … that the coordinator could see.
inline server::Plan SamplePlan(int checkpoints) {
  server::Plan plan;
  for (int step = 0; step < checkpoints; ++step) {
    const std::string name = absl::StrCat("step", step);
    plan.checkpoints.push_back({name, "/models/" + name, step, {}, Sha256Hex(name)});
  }
  return plan;
}

inline server::Provenance SampleProvenance() {
  return {Sha256Hex("tokenizer"), Sha256Hex("dataset"), "protocols=released", "2", "cpu", "fp32"};
}

inline server::Outcome SampleOutcome(double accuracy = 0.75, const std::string& weights = "weights") {
  server::Outcome outcome;
  outcome.checkpoint_digest = Sha256Hex(weights);
  outcome.provenance = SampleProvenance();
  outcome.rows.push_back({0, "released", {{"accuracy", accuracy}, {"n_test", 40}}});
  outcome.rows.push_back({1, "released", {{"accuracy", accuracy}}});
  return outcome;
}

}  // namespace probesweep::testing

#endif  // PROBESWEEP_TESTS_SUPPORT_SAMPLE_SWEEPS_H_
