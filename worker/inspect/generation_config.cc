#include "worker/inspect/generation_config.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/status.h"
#include "worker/checkpoint/config_file.h"

namespace probesweep::worker {
namespace {

using nlohmann::json;

constexpr uint64_t kMaxFileBytes = 16 << 20;
constexpr char kEos[] = "eos_token_id";

// A field and the values, beside null, under which it changes nothing.
struct Field {
  const char* name;
  json neutral;
};

const std::vector<Field>& FieldsThatChangeTokens() {
  static const auto* const fields = new std::vector<Field>{
      {"do_sample", false},
      {"num_beams", 1},
      {"repetition_penalty", 1},
      {"encoder_repetition_penalty", 1},
      {"no_repeat_ngram_size", 0},
      {"encoder_no_repeat_ngram_size", 0},
      {"min_length", 0},
      {"min_new_tokens", 0},
      {"bad_words_ids", nullptr},
      {"sequence_bias", nullptr},
      {"suppress_tokens", nullptr},
      {"begin_suppress_tokens", nullptr},
      {"forced_bos_token_id", nullptr},
      {"forced_eos_token_id", nullptr},
      {"exponential_decay_length_penalty", nullptr},
      {"guidance_scale", 1},
      {"penalty_alpha", 0},
      {"dola_layers", nullptr},
      {"watermarking_config", nullptr},
      {"stop_strings", nullptr},
      {"max_time", nullptr},
  };
  return *fields;
}

// Those that count under do_sample only.
const std::vector<Field>& FieldsOfSampling() {
  static const auto* const fields = new std::vector<Field>{
      {"temperature", 1}, {"top_k", 0},     {"top_p", 1},          {"top_h", nullptr},
      {"min_p", 0},       {"typical_p", 1}, {"epsilon_cutoff", 0}, {"eta_cutoff", 0},
  };
  return *fields;
}

void NameThose(const std::vector<Field>& fields, const json& config, std::vector<std::string>& names) {
  for (const auto& [name, neutral] : fields) {
    const auto found = config.find(name);
    if (found == config.end() || found->is_null() || *found == neutral) continue;
    if (found->is_structured() && found->empty()) continue;
    names.push_back(name);
  }
}

absl::StatusOr<std::unique_ptr<json>> ReadObject(const std::string& path) {
  PS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxFileBytes));
  return ParseConfig(text, path);
}

absl::StatusOr<std::vector<int64_t>> ReadStopIds(const json& eos, const std::string& path) {
  if (eos.is_null()) return std::vector<int64_t>();
  std::vector<int64_t> ids;
  for (const json& id : eos.is_array() ? eos : json::array({eos})) {
    if (!id.is_number_integer()) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": field `", kEos, "` must be a token id or a list of them"));
    }
    ids.push_back(id.get<int64_t>());
  }
  return ids;
}

}  // namespace

absl::StatusOr<GenerationConfig> ReadGenerationConfig(const std::string& folder) {
  GenerationConfig result;
  result.path = folder + "/generation_config.json";
  absl::StatusOr<std::unique_ptr<json>> read = ReadObject(result.path);
  if (absl::IsNotFound(read.status())) {
    result.path = folder + "/config.json";
    read = ReadObject(result.path);
  }
  PS_RETURN_IF_ERROR(read.status());
  const json& config = **read;
  PS_ASSIGN_OR_RETURN(result.stop_ids, ReadStopIds(config.value(kEos, json()), result.path));
  NameThose(FieldsThatChangeTokens(), config, result.not_applied);
  const json sampled = config.value("do_sample", json());
  if (sampled == json(true)) NameThose(FieldsOfSampling(), config, result.not_applied);
  return result;
}

}  // namespace probesweep::worker
