#include "worker/inspect/steer_flags.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status.h"

namespace probesweep::worker {
namespace {

absl::Status CheckCount(const char* flag, size_t given, size_t steerings, bool optional) {
  if (given == steerings || given == 1 || (given == 0 && optional)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(flag, " is given ", given, " times for ", steerings,
                                                 " steerings; give it once, or once for each"));
}

// The value for steering `i`.
template <typename T>
T ValueOf(const std::vector<T>& given, size_t i, T otherwise) {
  if (given.empty()) return otherwise;
  return given.size() == 1 ? given[0] : given[i];
}

absl::StatusOr<SteerPositions> ParsePositions(const std::string& text) {
  if (text == "last") return SteerPositions::kLast;
  if (text == "all") return SteerPositions::kAll;
  return absl::InvalidArgumentError(absl::StrCat("--steer-positions takes last or all, not '", text, "'"));
}

}  // namespace

absl::StatusOr<std::vector<Steering>> ReadSteering(const SteerFlags& flags, const Model& model,
                                                   const std::string& checkpoint) {
  const size_t count = std::max({flags.files.size(), flags.keys.size(), flags.layers.size(),
                                 flags.alphas.size(), flags.positions.size()});
  std::vector<Steering> steerings;
  if (count == 0) return steerings;
  PS_RETURN_IF_ERROR(CheckCount("--steer", flags.files.size(), count, false));
  PS_RETURN_IF_ERROR(CheckCount("--steer-key", flags.keys.size(), count, false));
  PS_RETURN_IF_ERROR(CheckCount("--steer-layer", flags.layers.size(), count, false));
  PS_RETURN_IF_ERROR(CheckCount("--alpha", flags.alphas.size(), count, true));
  PS_RETURN_IF_ERROR(CheckCount("--steer-positions", flags.positions.size(), count, true));
  for (size_t i = 0; i < count; ++i) {
    const std::string file = ValueOf<std::string>(flags.files, i, "");
    const std::string key = ValueOf<std::string>(flags.keys, i, "");
    Steering steering;
    steering.layer = ValueOf<int64_t>(flags.layers, i, 0);
    steering.alpha = ValueOf<double>(flags.alphas, i, 1);
    PS_ASSIGN_OR_RETURN(steering.positions, ParsePositions(ValueOf<std::string>(flags.positions, i, "last")));
    auto vector = ReadSteeringVector(file, key);
    if (!vector.ok()) return Annotate(vector.status(), "--steer");
    steering.vector = *std::move(vector);
    const absl::Status fits = CheckSteering(steering, model);
    if (!fits.ok()) return Annotate(fits, absl::StrCat("'", key, "' of ", file, " on ", checkpoint));
    steerings.push_back(std::move(steering));
  }
  return steerings;
}

}  // namespace probesweep::worker
