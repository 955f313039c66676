// What stands beside a tokenizer's vocabulary: tokenizer_config.json and, in older folders,
// special_tokens_map.json and added_tokens.json.
#ifndef PROBESWEEP_WORKER_TEXT_TOKENIZER_CONFIG_H_
#define PROBESWEEP_WORKER_TEXT_TOKENIZER_CONFIG_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace probesweep::worker {

// Tokens are objects as in `added_tokens` of tokenizer.json, all fields there.
struct TokenizerConfig {
  std::string tokenizer_class;  // without "Fast"; empty when the files do not say
  std::string model_type;       // of config.json; empty when it does not say
  std::optional<bool> add_bos_token;
  std::optional<bool> add_eos_token;
  std::optional<bool> add_prefix_space;
  std::optional<bool> legacy;

  std::vector<nlohmann::json> added;  // in the order of their ids
  // By name ("bos_token"), those that are given and not null; and tokens without a name of their own.
  std::vector<std::pair<std::string, nlohmann::json>> named;
  std::vector<nlohmann::json> extra;

  // Content of the named token; `otherwise` when it is not given.
  std::string ContentOf(const std::string& name, const std::string& otherwise) const;

  // Adds to `tokens`, a list as in tokenizer.json, what transformers adds when it opens the folder: those of
  // `added`, then `named` and `extra` where the list does not have them yet.
  void AppendTo(nlohmann::json& tokens) const;
};

// A special token as the configuration's strings mean it.
nlohmann::json SpecialToken(const std::string& content);

// Reads the files that are there; none has to be. Errors: INVALID_ARGUMENT, UNIMPLEMENTED (a setting that
// changes ids and is not implemented), naming file and field.
absl::StatusOr<TokenizerConfig> ReadTokenizerConfig(const std::string& folder);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_TOKENIZER_CONFIG_H_
