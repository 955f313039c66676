#include "worker/text/tokenizer_files.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/status.h"
#include "worker/text/json_file.h"
#include "worker/text/sentencepiece_file.h"
#include "worker/text/sentencepiece_tokenizer.h"
#include "worker/text/tokenizer_config.h"
#include "worker/text/tokenizer_json.h"
#include "worker/text/vocabulary_tokenizer.h"

namespace probesweep::worker {
namespace {

using Json = nlohmann::json;

absl::Status NoTokenizer(const std::string& folder) {
  return absl::NotFoundError(absl::StrCat(
      "no tokenizer in ", folder,
      ". Copy the model's tokenizer files there: checkpoints of one training run share them, and often only "
      "the published model has them. What is supported: tokenizer.json with a BPE model; else "
      "tokenizer.model, SentencePiece's file, with a BPE model; else vocab.json with merges.txt. A folder "
      "with other files gets a tokenizer.json from transformers: "
      "AutoTokenizer.from_pretrained(folder).save_pretrained(folder)"));
}

// Explicit settings that the ByteLevel pre-tokenizer of a tokenizer.json does not share win over it.
void ApplyPrefixSpace(const TokenizerConfig& config, Json& json) {
  if (!config.add_prefix_space.has_value() || config.tokenizer_class == "TokenizersBackend") return;
  const auto pre_tokenizer = json.find("pre_tokenizer");
  if (pre_tokenizer == json.end() || !pre_tokenizer->is_object()) return;
  if (pre_tokenizer->value("type", Json()) == "ByteLevel") {
    (*pre_tokenizer)["add_prefix_space"] = *config.add_prefix_space;
  }
}

absl::StatusOr<TokenizerSource> FromTokenizerJson(const std::string& path, const std::string& bytes,
                                                  const TokenizerConfig& config) {
  PS_ASSIGN_OR_RETURN(TokenizerSource source, ParseTokenizerJson(bytes, path));
  Json& json = source.json;
  if (json.is_object()) {
    Json& added = json["added_tokens"];
    if (added.is_null()) added = Json::array();
    if (added.is_array()) config.AppendTo(added);
    ApplyPrefixSpace(config, json);
  }
  return source;
}

absl::StatusOr<TokenizerSource> FromSentencePiece(const std::string& path, const std::string& bytes,
                                                  const TokenizerConfig& config) {
  PS_ASSIGN_OR_RETURN(SentencePieceFile file, ParseSentencePiece(bytes, path));
  return SentencePieceTokenizer(std::move(file), config, path);
}

absl::StatusOr<TokenizerSource> FromVocabulary(const std::string& folder, const std::string& vocabulary,
                                               const TokenizerConfig& config) {
  const std::string path = folder + "/vocab.json";
  PS_ASSIGN_OR_RETURN(const std::string merges, ReadFile(folder + "/merges.txt", kMaxTokenizerFileBytes));
  PS_ASSIGN_OR_RETURN(TokenizerSource source, ParseVocabularyJson(vocabulary, path));
  return VocabularyTokenizer(std::move(source), merges, config, folder);
}

absl::StatusOr<TokenizerSource> ReadFirst(const std::string& folder, const TokenizerConfig& config) {
  const std::string json_path = folder + "/tokenizer.json";
  const auto json = ReadFile(json_path, kMaxTokenizerFileBytes);
  if (json.ok()) return FromTokenizerJson(json_path, *json, config);
  if (!absl::IsNotFound(json.status())) return json.status();

  const std::string model_path = folder + "/tokenizer.model";
  const auto model = ReadFile(model_path, kMaxTokenizerFileBytes);
  if (model.ok()) return FromSentencePiece(model_path, *model, config);
  if (!absl::IsNotFound(model.status())) return model.status();

  const auto vocabulary = ReadFile(folder + "/vocab.json", kMaxTokenizerFileBytes);
  if (vocabulary.ok()) return FromVocabulary(folder, *vocabulary, config);
  if (!absl::IsNotFound(vocabulary.status())) return vocabulary.status();
  return NoTokenizer(folder);
}

}  // namespace

absl::StatusOr<TokenizerSource> ReadTokenizerFiles(const std::string& folder) {
  PS_ASSIGN_OR_RETURN(const TokenizerConfig config, ReadTokenizerConfig(folder));
  return ReadFirst(folder, config);
}

}  // namespace probesweep::worker
