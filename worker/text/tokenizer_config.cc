#include "worker/text/tokenizer_config.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/file.h"
#include "common/status.h"
#include "worker/text/component.h"
#include "worker/text/json_file.h"

namespace probesweep::worker {
namespace {

using Json = nlohmann::json;

// In the order in which transformers adds those that the tokenizer lacks.
constexpr const char* kNames[] = {"bos_token", "eos_token", "unk_token", "sep_token",
                                  "pad_token", "cls_token", "mask_token"};

// A token given as a string is special; one given as an object says what it is.
absl::StatusOr<Json> ReadToken(const Component& component, bool special) {
  if (component.json().is_string()) return SpecialToken(component.json().get<std::string>());
  if (!component.json().is_object()) return component.Invalid("a token must be a string or an object");
  Json token = {{"id", 0u}};
  PS_ASSIGN_OR_RETURN(token["content"], component.String("content"));
  PS_ASSIGN_OR_RETURN(const bool is_special, component.BoolOr("special", special));
  token["special"] = is_special || special;
  PS_ASSIGN_OR_RETURN(token["normalized"], component.BoolOr("normalized", !is_special));
  for (const char* flag : {"single_word", "lstrip", "rstrip"}) {
    PS_ASSIGN_OR_RETURN(token[flag], component.BoolOr(flag, false));
  }
  return token;
}

absl::StatusOr<std::optional<bool>> OptionalBool(const Component& component, absl::string_view key) {
  if (!component.Has(key)) return std::optional<bool>();
  PS_ASSIGN_OR_RETURN(const bool value, component.Bool(key));
  return std::optional<bool>(value);
}

bool Holds(const std::vector<Json>& tokens, const Json& content) {
  return std::any_of(tokens.begin(), tokens.end(),
                     [&](const Json& token) { return token["content"] == content; });
}

class ConfigReader {
 public:
  absl::Status ReadMain(const Component& root) {
    if (root.Has("tokenizer_class")) {
      PS_ASSIGN_OR_RETURN(const std::string name, root.String("tokenizer_class"));
      config_.tokenizer_class = std::string(absl::StripSuffix(name, "Fast"));
    }
    PS_ASSIGN_OR_RETURN(config_.add_bos_token, OptionalBool(root, "add_bos_token"));
    PS_ASSIGN_OR_RETURN(config_.add_eos_token, OptionalBool(root, "add_eos_token"));
    PS_ASSIGN_OR_RETURN(config_.add_prefix_space, OptionalBool(root, "add_prefix_space"));
    PS_ASSIGN_OR_RETURN(config_.legacy, OptionalBool(root, "legacy"));
    PS_ASSIGN_OR_RETURN(const bool split, root.BoolOr("split_special_tokens", false));
    if (split) return root.Field("split_special_tokens").NotImplemented("true");
    PS_RETURN_IF_ERROR(ReadAddedTokensDecoder(root.Field("added_tokens_decoder")));
    return ReadNames(root, /*special=*/false);
  }

  // The two older files count only where tokenizer_config.json does not list the added tokens.
  absl::Status ReadSpecialTokensMap(const Component& root) {
    return has_decoder_ ? absl::OkStatus() : ReadNames(root, /*special=*/true);
  }

  absl::Status ReadAddedTokens(const Component& root) {
    if (has_decoder_) return absl::OkStatus();
    std::vector<std::pair<int64_t, Json>> tokens;
    for (const auto& [content, id] : root.json().items()) {
      PS_ASSIGN_OR_RETURN(const int64_t value, root.Integer(content));
      Json token = SpecialToken(content);
      const bool is_named =
          std::any_of(config_.named.begin(), config_.named.end(),
                      [&content = content](const auto& named) { return named.second["content"] == content; });
      token["special"] = is_named || Holds(config_.extra, content);
      token["normalized"] = !token["special"].get<bool>();
      tokens.emplace_back(value, std::move(token));
    }
    KeepInOrder(std::move(tokens));
    return absl::OkStatus();
  }

  // A name stands for the token as it was added, whatever flags the name itself comes with.
  TokenizerConfig Finish() {
    for (auto& [name, token] : config_.named) {
      for (const Json& added : config_.added) {
        if (added["content"] == token["content"]) token = added;
      }
      token["special"] = true;
    }
    return std::move(config_);
  }

 private:
  absl::Status ReadAddedTokensDecoder(const Component& decoder) {
    if (decoder.is_null()) return absl::OkStatus();
    if (!decoder.json().is_object()) return decoder.Invalid("it must map ids to tokens");
    has_decoder_ = true;
    std::vector<std::pair<int64_t, Json>> tokens;
    for (const auto& [key, value] : decoder.json().items()) {
      uint32_t id = 0;
      if (!absl::SimpleAtoi(key, &id)) {
        return decoder.Invalid(absl::StrCat("\"", key, "\" must be a token's id"));
      }
      PS_ASSIGN_OR_RETURN(Json token, ReadToken(decoder.Field(key), /*special=*/false));
      tokens.emplace_back(id, std::move(token));
    }
    KeepInOrder(std::move(tokens));
    return absl::OkStatus();
  }

  void KeepInOrder(std::vector<std::pair<int64_t, Json>> tokens) {
    std::sort(tokens.begin(), tokens.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& [id, token] : tokens) {
      token["id"] = static_cast<uint64_t>(id);
      config_.added.push_back(std::move(token));
    }
  }

  absl::Status ReadNames(const Component& root, bool special) {
    std::vector<std::string> names(std::begin(kNames), std::end(kNames));
    for (const auto& [key, value] : root.json().items()) {
      const bool is_known = std::find(names.begin(), names.end(), key) != names.end();
      if (!is_known && absl::EndsWith(key, "_token") && IsToken(value)) names.push_back(key);
    }
    for (const std::string& name : names) {
      if (!root.Has(name)) continue;
      PS_ASSIGN_OR_RETURN(Json token, ReadToken(root.Field(name), special));
      SetName(name, std::move(token));
    }
    return ReadExtra(root, special);
  }

  static bool IsToken(const Json& value) { return value.is_string() || value.is_object(); }

  void SetName(const std::string& name, Json token) {
    const auto known = std::find_if(config_.named.begin(), config_.named.end(),
                                    [&](const auto& named) { return named.first == name; });
    if (known != config_.named.end()) {
      known->second = std::move(token);
    } else {
      config_.named.emplace_back(name, std::move(token));
    }
  }

  absl::Status ReadExtra(const Component& root, bool special) {
    for (const char* key : {"extra_special_tokens", "additional_special_tokens"}) {
      const Component field = root.Field(key);
      if (field.json().empty()) continue;
      std::vector<Component> tokens;
      if (field.json().is_object()) {  // which gives names to its tokens
        for (const auto& [name, value] : field.json().items()) tokens.push_back(field.Field(name));
      } else {
        PS_ASSIGN_OR_RETURN(tokens, root.Elements(key));
      }
      for (const Component& component : tokens) {
        PS_ASSIGN_OR_RETURN(Json token, ReadToken(component, special));
        if (!Holds(config_.extra, token["content"])) config_.extra.push_back(std::move(token));
      }
      break;  // the second is the first one's old name
    }
    return absl::OkStatus();
  }

  TokenizerConfig config_;
  bool has_decoder_ = false;
};

// Calls `read` with the file's content when it is there.
absl::Status ReadIfThere(const std::string& path, absl::FunctionRef<absl::Status(const Component&)> read) {
  const auto json = ReadJsonFile(path);
  if (absl::IsNotFound(json.status())) return absl::OkStatus();
  PS_RETURN_IF_ERROR(json.status());
  const Component root(*json, path);
  if (!json->is_object()) return root.Invalid("it must be a JSON object");
  return read(root);
}

}  // namespace

Json SpecialToken(const std::string& content) {
  return {{"id", 0u},        {"content", content},  {"single_word", false}, {"lstrip", false},
          {"rstrip", false}, {"normalized", false}, {"special", true}};
}

std::string TokenizerConfig::ContentOf(const std::string& name, const std::string& otherwise) const {
  for (const auto& [key, token] : named) {
    if (key == name) return token["content"].get<std::string>();
  }
  return otherwise;
}

void TokenizerConfig::AppendTo(Json& tokens) const {
  for (const Json& token : added) tokens.push_back(token);
  const auto append_if_absent = [&](const Json& token) {
    const bool is_there = std::any_of(tokens.begin(), tokens.end(), [&](const Json& other) {
      return other.is_object() && other.value("content", Json()) == token["content"];
    });
    if (!is_there) tokens.push_back(token);
  };
  for (const auto& [name, token] : named) append_if_absent(token);
  for (const Json& token : extra) append_if_absent(token);
}

absl::StatusOr<TokenizerConfig> ReadTokenizerConfig(const std::string& folder) {
  ConfigReader reader;
  PS_RETURN_IF_ERROR(ReadIfThere(folder + "/tokenizer_config.json",
                                 [&](const Component& root) { return reader.ReadMain(root); }));
  PS_RETURN_IF_ERROR(ReadIfThere(folder + "/special_tokens_map.json",
                                 [&](const Component& root) { return reader.ReadSpecialTokensMap(root); }));
  PS_RETURN_IF_ERROR(ReadIfThere(folder + "/added_tokens.json",
                                 [&](const Component& root) { return reader.ReadAddedTokens(root); }));
  TokenizerConfig config = reader.Finish();
  PS_RETURN_IF_ERROR(ReadIfThere(folder + "/config.json", [&](const Component& root) -> absl::Status {
    if (root.Has("model_type")) {
      PS_ASSIGN_OR_RETURN(config.model_type, root.String("model_type"));
    }
    return absl::OkStatus();
  }));
  return config;
}

}  // namespace probesweep::worker
