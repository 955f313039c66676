#include "server/store/sweep_json.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"

namespace probesweep::server {
namespace {

using nlohmann::json;

json ToJson(const std::optional<int64_t>& value) { return value ? json(*value) : json(); }

std::optional<int64_t> OptionalFrom(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return std::nullopt;
  return found->get<int64_t>();
}

json ToJson(const AnalysisConfig& config) {
  return {{"protocols", config.protocols},
          {"probe_c", config.probe_c},
          {"solver", config.solver},
          {"hsic_sigma", config.hsic_sigma},
          {"hsic_epsilon", config.hsic_epsilon},
          {"hsic_scale_by_dimension", config.hsic_scale_by_dimension},
          {"estimators", config.estimators},
          {"splits", config.splits},
          {"seed", config.seed},
          {"permutations", config.permutations},
          {"keep_probes", config.keep_probes},
          {"keep_steering_vectors", config.keep_steering_vectors},
          {"keep_representations", config.keep_representations}};
}

AnalysisConfig AnalysisFrom(const json& object) {
  AnalysisConfig config;
  config.protocols = object.value("protocols", config.protocols);
  config.probe_c = object.value("probe_c", config.probe_c);
  config.solver = object.value("solver", config.solver);
  config.hsic_sigma = object.value("hsic_sigma", config.hsic_sigma);
  config.hsic_epsilon = object.value("hsic_epsilon", config.hsic_epsilon);
  config.hsic_scale_by_dimension = object.value("hsic_scale_by_dimension", config.hsic_scale_by_dimension);
  config.estimators = object.value("estimators", config.estimators);
  config.splits = object.value("splits", config.splits);
  config.seed = object.value("seed", config.seed);
  config.permutations = object.value("permutations", config.permutations);
  config.keep_probes = object.value("keep_probes", config.keep_probes);
  config.keep_steering_vectors = object.value("keep_steering_vectors", config.keep_steering_vectors);
  config.keep_representations = object.value("keep_representations", config.keep_representations);
  return config;
}

json ToJson(const Dimension& dimension) {
  return {{"name", dimension.name},
          {"dataset", dimension.dataset},
          {"dataset_digest", dimension.dataset_digest},
          {"label_meaning", dimension.label_meaning},
          {"steering_share", dimension.steering_share},
          {"group_column", dimension.group_column},
          {"group_rule", dimension.group_rule}};
}

Dimension DimensionFrom(const json& object) {
  Dimension dimension;
  dimension.name = object.at("name").get<std::string>();
  dimension.dataset = object.at("dataset").get<std::string>();
  dimension.dataset_digest = object.at("dataset_digest").get<std::string>();
  dimension.label_meaning = object.value("label_meaning", "");
  dimension.steering_share = object.value("steering_share", dimension.steering_share);
  dimension.group_column = object.value("group_column", "");
  dimension.group_rule = object.value("group_rule", "");
  return dimension;
}

// Runs `read` on the parsed text; whatever it throws becomes a status.
template <typename Read>
absl::Status Parse(const std::string& text, const char* what, Read read) {
  try {
    read(json::parse(text));
    return absl::OkStatus();
  } catch (const json::exception& error) {
    return absl::DataLossError(absl::StrCat("the store's ", what, " cannot be read: ", error.what()));
  }
}

// Paths and texts come from users: bytes that are no UTF-8 are kept readable rather than thrown at.
std::string Dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace

std::string SpecToJson(const SweepSpec& spec) {
  json checkpoints = json::array();
  for (const CheckpointPattern& pattern : spec.checkpoints) {
    checkpoints.push_back(
        {{"pattern", pattern.pattern}, {"step", ToJson(pattern.step)}, {"tokens", ToJson(pattern.tokens)}});
  }
  json dimensions = json::array();
  for (const Dimension& dimension : spec.dimensions) dimensions.push_back(ToJson(dimension));
  return Dump({{"name", spec.name},
               {"model", spec.model},
               {"checkpoints", std::move(checkpoints)},
               {"dimensions", std::move(dimensions)},
               {"analysis", ToJson(spec.analysis)},
               {"priority", static_cast<int>(spec.priority)},
               {"weight", spec.weight},
               {"tokens_per_step", spec.tokens_per_step},
               {"recompute", spec.recompute}});
}

absl::Status SpecFromJson(const std::string& text, SweepSpec& spec) {
  return Parse(text, "sweep", [&](const json& object) {
    spec.name = object.at("name").get<std::string>();
    spec.model = object.at("model").get<std::string>();
    for (const json& entry : object.at("checkpoints")) {
      spec.checkpoints.push_back({entry.at("pattern").get<std::string>(), OptionalFrom(entry, "step"),
                                  OptionalFrom(entry, "tokens")});
    }
    for (const json& entry : object.at("dimensions")) spec.dimensions.push_back(DimensionFrom(entry));
    spec.analysis = AnalysisFrom(object.at("analysis"));
    spec.priority = static_cast<Priority>(object.value("priority", static_cast<int>(Priority::kNormal)));
    spec.weight = object.value("weight", 1.0);
    spec.tokens_per_step = object.value("tokens_per_step", int64_t{0});
    spec.recompute = object.value("recompute", "");
  });
}

std::string PlanToJson(const Sweep& sweep) {
  json checkpoints = json::array();
  for (const Checkpoint& checkpoint : sweep.checkpoints) {
    checkpoints.push_back({{"name", checkpoint.name},
                           {"path", checkpoint.path},
                           {"step", ToJson(checkpoint.step)},
                           {"tokens", ToJson(checkpoint.tokens)},
                           {"identity", checkpoint.identity},
                           {"bytes", checkpoint.bytes}});
  }
  return Dump({{"checkpoints", std::move(checkpoints)},
               {"warnings", sweep.warnings},
               {"dataset_bytes", sweep.dataset_bytes}});
}

absl::Status PlanFromJson(const std::string& text, Sweep& sweep) {
  return Parse(text, "plan", [&](const json& object) {
    for (const json& entry : object.at("checkpoints")) {
      sweep.checkpoints.push_back({entry.at("name").get<std::string>(), entry.at("path").get<std::string>(),
                                   OptionalFrom(entry, "step"), OptionalFrom(entry, "tokens"),
                                   entry.value("identity", ""), entry.value("bytes", int64_t{0})});
    }
    sweep.dataset_bytes = object.value("dataset_bytes", std::vector<int64_t>());
    sweep.warnings = object.value("warnings", std::vector<std::string>());
  });
}

absl::Status ValuesFromJson(const std::string& text, ResultValues& values) {
  return Parse(text, "result", [&](const json& object) { values = object.get<ResultValues>(); });
}

std::string NamesToJson(const std::vector<std::string>& names) { return Dump(json(names)); }

absl::Status NamesFromJson(const std::string& text, std::vector<std::string>& names) {
  return Parse(text, "list of names",
               [&](const json& list) { names = list.get<std::vector<std::string>>(); });
}

}  // namespace probesweep::server
