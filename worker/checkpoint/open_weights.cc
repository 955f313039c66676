#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/status.h"
#include "worker/checkpoint/safetensors_weights.h"
#include "worker/checkpoint/weight_source.h"

namespace probesweep::worker {
namespace {

using nlohmann::json;

constexpr uint64_t kMaxIndexBytes = 64 << 20;

// The shards that an index names, in order of name. The index is untrusted: a shard lies in its folder.
absl::StatusOr<std::vector<std::string>> ReadShards(const std::string& folder, const std::string& index) {
  PS_ASSIGN_OR_RETURN(const std::string text, ReadFile(index, kMaxIndexBytes));
  const json parsed = json::parse(text, nullptr, /*allow_exceptions=*/false);
  const bool usable = parsed.is_object() && parsed.contains("weight_map") && parsed["weight_map"].is_object();
  if (!usable) return absl::InvalidArgumentError(absl::StrCat(index, ": field `weight_map` is missing"));
  std::set<std::string> names;
  for (const json& name : parsed["weight_map"]) {
    const std::string shard = name.is_string() ? name.get<std::string>() : "";
    if (shard.empty() || shard.find('/') != std::string::npos) {
      return absl::InvalidArgumentError(absl::StrCat(index, ": `weight_map` holds '", shard.substr(0, 256),
                                                     "', which is not a file name in this folder"));
    }
    names.insert(shard);
  }
  if (names.empty()) return absl::InvalidArgumentError(absl::StrCat(index, ": `weight_map` is empty"));
  std::vector<std::string> paths;
  for (const std::string& name : names) paths.push_back(folder + "/" + name);
  return paths;
}

}  // namespace

absl::StatusOr<std::unique_ptr<WeightSource>> OpenWeights(const std::string& folder) {
  const std::string single = folder + "/model.safetensors";
  std::error_code ignored;
  if (std::filesystem::exists(single, ignored)) return SafetensorsWeights::Open({single});
  const std::string index = folder + "/model.safetensors.index.json";
  if (std::filesystem::exists(index, ignored)) {
    PS_ASSIGN_OR_RETURN(const std::vector<std::string> shards, ReadShards(folder, index));
    return SafetensorsWeights::Open(shards);
  }
  return absl::NotFoundError(absl::StrCat(folder,
                                          " holds no weights that can be read: neither model.safetensors "
                                          "nor model.safetensors.index.json is there"));
}

}  // namespace probesweep::worker
