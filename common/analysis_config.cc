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

}  // namespace

const std::vector<std::string>& KnownProtocols() {
  static const auto* const protocols = new std::vector<std::string>{"released"};
  return *protocols;
}

std::string AnalysisConfig::Canonical() const {
  return absl::StrCat("protocols=", absl::StrJoin(protocols, ","), ";probe_c=", FormatDouble(probe_c),
                      ";hsic_sigma=", FormatDouble(hsic_sigma), ";hsic_epsilon=", FormatDouble(hsic_epsilon),
                      ";keep_probes=", keep_probes, ";keep_steering_vectors=", keep_steering_vectors);
}

absl::Status AnalysisConfig::Validate() const {
  if (protocols.empty()) {
    return absl::InvalidArgumentError("analysis.protocols is empty; name at least one, e.g. released");
  }
  for (const std::string& protocol : protocols) {
    const auto& known = KnownProtocols();
    if (std::count(protocols.begin(), protocols.end(), protocol) > 1) {
      return absl::InvalidArgumentError(absl::StrCat("analysis.protocols names '", protocol, "' twice"));
    }
    if (std::find(known.begin(), known.end(), protocol) != known.end()) continue;
    const std::string nearest = NearestName(protocol, known);
    return absl::InvalidArgumentError(absl::StrCat(
        "analysis.protocols: unknown protocol '", protocol, "'", nearest.empty() ? "" : "; did you mean '",
        nearest, nearest.empty() ? "; known: " : "'? Known: ", absl::StrJoin(known, ", ")));
  }
  PS_RETURN_IF_ERROR(CheckPositive(probe_c, "probe_c"));
  PS_RETURN_IF_ERROR(CheckPositive(hsic_sigma, "hsic_sigma"));
  return CheckPositive(hsic_epsilon, "hsic_epsilon");
}

}  // namespace probesweep
