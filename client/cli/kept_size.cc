#include "client/cli/kept_size.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/number_format.h"
#include "dataset/csv.h"

namespace probesweep::client {
namespace {

constexpr uint64_t kMaxConfigBytes = 1 << 24;

// Data rows. A dataset that cannot be read counts none: its tasks fail and leave nothing.
int64_t CountStatements(const std::vector<std::string>& datasets) {
  int64_t statements = 0;
  for (const std::string& csv : datasets) {
    const auto records = ParseCsv(csv);
    if (records.ok() && !records->empty()) statements += static_cast<int64_t>(records->size()) - 1;
  }
  return statements;
}

std::optional<int64_t> FirstCount(const nlohmann::json& config, const std::vector<const char*>& names) {
  for (const char* name : names) {
    const auto found = config.find(name);
    if (found == config.end() || !found->is_number_integer()) continue;
    const auto value = found->get<int64_t>();
    if (value > 0 && value < (int64_t{1} << 20)) return value;
  }
  return std::nullopt;
}

struct Shape {
  int64_t layers = 0;
  int64_t hidden = 0;
};

// None when the file is not here or says neither. Workers read it with care; this is an estimate.
std::optional<Shape> ReadShape(const std::string& checkpoint) {
  const absl::StatusOr<std::string> text =
      ReadFile(absl::StrCat(checkpoint, "/config.json"), kMaxConfigBytes);
  if (!text.ok()) return std::nullopt;
  const nlohmann::json config = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!config.is_object()) return std::nullopt;
  const auto layers = FirstCount(config, {"num_hidden_layers", "n_layer", "n_layers"});
  const auto hidden = FirstCount(config, {"n_embed", "hidden_size", "n_embd", "d_model"});
  if (!layers || !hidden) return std::nullopt;
  return Shape{*layers, *hidden};
}

}  // namespace

std::string KeptRepresentationsText(const v1::Sweep& sweep, const std::vector<std::string>& datasets) {
  const int64_t checkpoints = sweep.checkpoints_size();
  const int64_t statements = CountStatements(datasets);
  const std::string rows = absl::StrCat(checkpoints, " checkpoints × ", statements, " statements × ");
  const std::optional<Shape> shape = checkpoints > 0 ? ReadShape(sweep.checkpoints(0).path()) : std::nullopt;
  if (!shape) {
    return absl::StrCat("4 bytes × ", rows, "layers × features (config.json of ",
                        checkpoints > 0 ? sweep.checkpoints(0).name() : "the checkpoints",
                        " cannot be read from here, so these are not known)");
  }
  // In double: a product of what files say must not overflow.
  const double bytes = 4.0 * static_cast<double>(checkpoints) * static_cast<double>(statements) *
                       static_cast<double>(shape->layers) * static_cast<double>(shape->hidden);
  const auto shown = static_cast<int64_t>(std::min(bytes, 9e18));
  return absl::StrCat(ByteCount(shown), ": 4 bytes × ", rows, shape->layers, " layers × ", shape->hidden,
                      " features");
}

}  // namespace probesweep::client
