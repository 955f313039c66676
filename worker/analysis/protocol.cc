#include "worker/analysis/protocol.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status.h"
#include "worker/analysis/released_protocol.h"
#include "dataset/split.h"

namespace probesweep::worker {
namespace {

absl::Status UnknownProtocol(absl::string_view name) {
  return absl::InvalidArgumentError(
      absl::StrCat("protocol '", name, "' is not known; known: ", absl::StrJoin(KnownProtocols(), ", ")));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Protocol>> CreateProtocol(absl::string_view name, const ProtocolInput& input,
                                                         const SurfaceBaseline& surface) {
  if (name == "released") return CreateReleasedProtocol(input, surface);
  return UnknownProtocol(name);
}

absl::StatusOr<SurfaceBaseline> FitSurfaceBaselineFor(absl::string_view protocol,
                                                      const ProtocolInput& input) {
  if (protocol != "released") return UnknownProtocol(protocol);
  PS_ASSIGN_OR_RETURN(const Split split, ReleasedSplit(input.statements->labels, input.dataset));
  return FitSurfaceBaseline(input.statements->texts, input.statements->labels, split);
}

}  // namespace probesweep::worker
