#include "common/analysis_config.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/edit_distance.h"
#include "common/number_format.h"
#include "common/status.h"

namespace probesweep {
namespace {

// Bounds within which squares neither vanish nor overflow.
absl::Status CheckPositive(double value, absl::string_view field) {
  if (value >= 1e-100 && value <= 1e100) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("analysis.", field, " is ", FormatDouble(value),
                                                 "; it must be a number above 0 (1e-100 to 1e100)"));
}

absl::Status CheckRange(int64_t value, int64_t least, int64_t most, absl::string_view field) {
  if (value >= least && value <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("analysis.", field, " is ", value, "; it must be from ", least, " to ", most));
}

// Every name is known, and none is there twice.
absl::Status CheckNames(const std::vector<std::string>& names, const std::vector<std::string>& known,
                        absl::string_view field, absl::string_view noun) {
  for (const std::string& name : names) {
    if (std::count(names.begin(), names.end(), name) > 1) {
      return absl::InvalidArgumentError(absl::StrCat("analysis.", field, " names '", name, "' twice"));
    }
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string nearest = NearestName(name, known);
    return absl::InvalidArgumentError(absl::StrCat(
        "analysis.", field, ": unknown ", noun, " '", name, "'", nearest.empty() ? "" : "; did you mean '",
        nearest, nearest.empty() ? "; known: " : "'? Known: ", absl::StrJoin(known, ", ")));
  }
  return absl::OkStatus();
}

}  // namespace

const std::vector<std::string>& KnownProtocols() {
  static const auto* const protocols = new std::vector<std::string>{"released", "paper", "calibrated"};
  return *protocols;
}

const std::vector<std::string>& KnownSolvers() {
  static const auto* const solvers = new std::vector<std::string>{"exact", "sklearn", "sklearn-1.4"};
  return *solvers;
}

const std::vector<std::string>& KnownEstimators() {
  static const auto* const estimators = new std::vector<std::string>{"hsic", "linear_hsic", "cka"};
  return *estimators;
}

std::string AnalysisConfig::Canonical() const {
  return absl::StrCat(
      "protocols=", absl::StrJoin(protocols, "+"), ";probe_c=", FormatDouble(probe_c), ";solver=", solver,
      ";hsic_sigma=", FormatDouble(hsic_sigma), ";hsic_epsilon=", FormatDouble(hsic_epsilon),
      ";hsic_scale_by_dimension=", hsic_scale_by_dimension, ";estimators=", absl::StrJoin(estimators, "+"),
      ";splits=", splits, ";seed=", seed, ";permutations=", permutations, ";keep_probes=", keep_probes,
      ";keep_steering_vectors=", keep_steering_vectors, ";keep_representations=", keep_representations);
}

absl::Status AnalysisConfig::Validate() const {
  if (protocols.empty()) {
    return absl::InvalidArgumentError("analysis.protocols is empty; name at least one, e.g. released");
  }
  PS_RETURN_IF_ERROR(CheckNames(protocols, KnownProtocols(), "protocols", "protocol"));
  PS_RETURN_IF_ERROR(CheckNames({solver}, KnownSolvers(), "solver", "solver"));
  PS_RETURN_IF_ERROR(CheckNames(estimators, KnownEstimators(), "estimators", "estimator"));
  PS_RETURN_IF_ERROR(CheckPositive(probe_c, "probe_c"));
  PS_RETURN_IF_ERROR(CheckPositive(hsic_sigma, "hsic_sigma"));
  PS_RETURN_IF_ERROR(CheckPositive(hsic_epsilon, "hsic_epsilon"));
  PS_RETURN_IF_ERROR(CheckRange(splits, kFewestSplits, kMostSplits, "splits"));
  PS_RETURN_IF_ERROR(CheckRange(seed, 0, kLargestSeed, "seed"));
  return CheckRange(permutations, 0, kMostPermutations, "permutations");
}

}  // namespace probesweep
