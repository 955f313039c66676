#include "worker/analysis/protocol.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status.h"
#include "worker/analysis/calibrated_protocol.h"
#include "worker/analysis/paper_protocol.h"
#include "worker/analysis/released_protocol.h"

namespace probesweep::worker {
namespace {

absl::Status UnknownProtocol(absl::string_view name) {
  return absl::InvalidArgumentError(
      absl::StrCat("protocol '", name, "' is not known; known: ", absl::StrJoin(KnownProtocols(), ", ")));
}

}  // namespace

absl::StatusOr<std::vector<Split>> SplitsOf(absl::string_view protocol, const ProtocolInput& input) {
  if (protocol == "calibrated") return CalibratedSplits(input);
  if (protocol == "released") {
    PS_ASSIGN_OR_RETURN(Split split, ReleasedSplit(input.statements->labels, input.dataset));
    return std::vector<Split>{std::move(split)};
  }
  if (protocol == "paper") {
    PS_ASSIGN_OR_RETURN(PaperSplit split, PaperSplitOf(input));
    return std::vector<Split>{{std::move(split.train), std::move(split.test)}};
  }
  return UnknownProtocol(protocol);
}

absl::StatusOr<std::unique_ptr<Protocol>> CreateProtocol(absl::string_view name, const ProtocolInput& input,
                                                         const SurfaceBaselines& surface) {
  if (name == "released") return CreateReleasedProtocol(input, surface);
  if (name == "paper") return CreatePaperProtocol(input, surface);
  if (name == "calibrated") return CreateCalibratedProtocol(input, surface);
  return UnknownProtocol(name);
}

absl::StatusOr<SurfaceBaselines> FitSurfaceBaselines(absl::string_view protocol, const ProtocolInput& input,
                                                     AnalysisStep step) {
  PS_ASSIGN_OR_RETURN(const std::vector<Split> splits, SplitsOf(protocol, input));
  SurfaceBaselines surface;
  for (const Split& split : splits) {
    PS_ASSIGN_OR_RETURN(SurfaceBaseline baseline,
                        FitSurfaceBaseline(input.statements->texts, input.statements->labels, split));
    surface.splits.push_back(std::move(baseline));
    PS_RETURN_IF_ERROR(step());
  }
  return surface;
}

}  // namespace probesweep::worker
