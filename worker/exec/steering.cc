#include "worker/exec/steering.h"

#include <ATen/ATen.h>

#include <cmath>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/edit_distance.h"
#include "common/file.h"
#include "common/safetensors.h"
#include "common/status.h"
#include "worker/checkpoint/floating_type.h"
#include "worker/exec/finite.h"
#include "worker/model/model.h"

namespace probesweep::worker {
namespace {

// Of a 70B model's layers and protocols: far below this.
constexpr uint64_t kMaxFileBytes = uint64_t{1} << 30;

absl::Status NoSuchKey(const std::string& path, const std::string& key, const SafetensorsHeader& header) {
  std::vector<std::string> names;
  for (const auto& [name, entry] : header.tensors) names.push_back(name);
  const std::string nearest = NearestName(key, names);
  constexpr size_t kShown = 8;
  const std::string more = names.size() > kShown ? ", …" : "";
  if (names.size() > kShown) names.resize(kShown);
  const auto quoted = [](std::string* out, const std::string& name) { *out += QuotedTensorName(name); };
  return absl::InvalidArgumentError(
      absl::StrCat(path, " holds no tensor '", key, "'",
                   nearest.empty() ? absl::StrCat("; it holds ", absl::StrJoin(names, ", ", quoted), more)
                                   : absl::StrCat("; did you mean ", QuotedTensorName(nearest), "?")));
}

}  // namespace

absl::StatusOr<std::vector<float>> ReadSteeringVector(const std::string& path, const std::string& key) {
  PS_ASSIGN_OR_RETURN(std::string bytes, ReadFile(path, kMaxFileBytes));
  PS_ASSIGN_OR_RETURN(const SafetensorsHeader header, ParseSafetensorsHeader(bytes, bytes.size(), path));
  const auto found = header.tensors.find(key);
  if (found == header.tensors.end()) return NoSuchKey(path, key, header);
  const TensorEntry& entry = found->second;
  const std::optional<at::ScalarType> type = FloatingType(entry.dtype);
  if (!type.has_value() || entry.shape.size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": tensor '", key, "' is no vector: it has the type ", DTypeName(entry.dtype),
                     " and the shape [", absl::StrJoin(entry.shape, ", "), "]"));
  }
  // A copy, since the file may put a tensor at any byte.
  std::string values = bytes.substr(entry.begin, entry.end - entry.begin);
  const at::Tensor vector = at::from_blob(values.data(), entry.shape, *type).to(at::kFloat).contiguous();
  if (!AllFinite(vector)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": tensor '", key, "' holds NaN or Inf"));
  }
  const float* const first = vector.data_ptr<float>();
  return std::vector<float>(first, first + vector.numel());
}

absl::Status CheckSteering(const Steering& steering, const Model& model) {
  if (steering.layer < 0 || steering.layer >= model.layers()) {
    return absl::InvalidArgumentError(absl::StrCat("there is no layer ", steering.layer,
                                                   " to steer: the model has ", model.layers(),
                                                   ", counted from 0"));
  }
  const auto size = static_cast<int64_t>(steering.vector.size());
  if (size != model.hidden_size()) {
    return absl::InvalidArgumentError(absl::StrCat("the steering vector for layer ", steering.layer, " has ",
                                                   size, " components, and the model's residual stream has ",
                                                   model.hidden_size(), "; it is another model's"));
  }
  if (!std::isfinite(steering.alpha)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the steering of layer ", steering.layer, " has an alpha that is not finite"));
  }
  return absl::OkStatus();
}

}  // namespace probesweep::worker
