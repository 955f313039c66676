#include "worker/text/vocabulary_tokenizer.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/status.h"
#include "worker/text/text_ends.h"

namespace probesweep::worker {
namespace {

using Json = nlohmann::json;

constexpr char kQwen2Words[] =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

// What a class of tokenizer adds to its files.
struct TokenizerClass {
  const char* name;
  const char* other_name;
  bool nfc;
  const char* words;    // pattern of the words; null: GPT-2's
  const char* begin;    // default of bos_token; null: none
  const char* padding;  // default of pad_token; null: none
};

constexpr TokenizerClass kClasses[] = {
    {"GPT2Tokenizer", "CodeGenTokenizer", false, nullptr, "<|endoftext|>", nullptr},
    {"GPTNeoXTokenizer", "", true, nullptr, "<|endoftext|>", "<|padding|>"},
    {"Qwen2Tokenizer", "", true, kQwen2Words, nullptr, "<|endoftext|>"},
};

// The class of a folder that does not name it.
struct ModelType {
  const char* name;
  const char* tokenizer_class;
};

constexpr ModelType kModelTypes[] = {
    {"gpt2", "GPT2Tokenizer"},    {"opt", "GPT2Tokenizer"},    {"gpt_neo", "GPT2Tokenizer"},
    {"gptj", "GPT2Tokenizer"},    {"phi", "GPT2Tokenizer"},    {"gpt_neox", "GPTNeoXTokenizer"},
    {"olmo", "GPTNeoXTokenizer"}, {"qwen2", "Qwen2Tokenizer"}, {"qwen3", "Qwen2Tokenizer"},
};

absl::StatusOr<TokenizerClass> FindClass(const TokenizerConfig& config, const std::string& folder) {
  std::string name = config.tokenizer_class;
  for (const ModelType& type : kModelTypes) {
    if (name.empty() && config.model_type == type.name) name = type.tokenizer_class;
  }
  for (const TokenizerClass& known : kClasses) {
    if (name == known.name || (!name.empty() && name == known.other_name)) return known;
  }
  return absl::UnimplementedError(absl::StrCat(
      folder, "/tokenizer_config.json: ",
      name.empty() ? "no tokenizer_class" : absl::StrCat("tokenizer_class \"", name, "\""),
      " is not implemented for vocab.json and merges.txt without tokenizer.json; implemented: GPT2Tokenizer, "
      "GPTNeoXTokenizer, Qwen2Tokenizer. Have transformers write a tokenizer.json: "
      "AutoTokenizer.from_pretrained(folder).save_pretrained(folder)"));
}

MergeList ReadMergeLines(absl::string_view text) {
  MergeList merges;
  absl::ConsumeSuffix(&text, "\n");
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::AllowEmpty())) {
    merges.AddLine(absl::StripSuffix(line, "\r"));
  }
  return merges;
}

Json PreTokenizer(const TokenizerClass& tokenizer_class, bool add_prefix_space) {
  const bool own_words = tokenizer_class.words != nullptr;
  Json bytes = {{"type", "ByteLevel"}, {"add_prefix_space", add_prefix_space}, {"use_regex", !own_words}};
  if (!own_words) return bytes;
  const Json split = {{"type", "Split"},
                      {"pattern", {{"Regex", tokenizer_class.words}}},
                      {"behavior", "Isolated"},
                      {"invert", false}};
  return {{"type", "Sequence"}, {"pretokenizers", {split, bytes}}};
}

// Names that the class gives where the configuration does not.
void AddDefaultNames(const TokenizerClass& tokenizer_class, TokenizerConfig& config) {
  const auto add = [&](const std::string& name, const char* content) {
    if (content == nullptr || !config.ContentOf(name, "").empty()) return;
    config.named.emplace_back(name, SpecialToken(content));
  };
  add("bos_token", tokenizer_class.begin);
  add("eos_token", "<|endoftext|>");
  add("unk_token", "<|endoftext|>");
  add("pad_token", tokenizer_class.padding);
}

}  // namespace

absl::StatusOr<TokenizerSource> VocabularyTokenizer(TokenizerSource source, absl::string_view merges,
                                                    const TokenizerConfig& given, const std::string& folder) {
  PS_ASSIGN_OR_RETURN(const TokenizerClass tokenizer_class, FindClass(given, folder));
  TokenizerConfig config = given;
  AddDefaultNames(tokenizer_class, config);
  Json added = Json::array();
  config.AppendTo(added);
  const TextEnds ends = {config.ContentOf("bos_token", ""), config.ContentOf("eos_token", ""),
                         config.add_bos_token.value_or(false), config.add_eos_token.value_or(false)};
  Json& tokenizer = source.json;
  PS_ASSIGN_OR_RETURN(tokenizer["post_processor"],
                      PutAround(ends, added, source.vocabulary, folder + "/vocab.json"));
  tokenizer["model"]["type"] = "BPE";
  tokenizer["model"]["merges"] = Json::array();
  tokenizer["added_tokens"] = std::move(added);
  tokenizer["pre_tokenizer"] = PreTokenizer(tokenizer_class, config.add_prefix_space.value_or(false));
  tokenizer["decoder"] = {{"type", "ByteLevel"}};
  if (tokenizer_class.nfc) tokenizer["normalizer"] = {{"type", "NFC"}};
  source.merges = ReadMergeLines(merges);
  source.name = folder + "/vocab.json and merges.txt";
  return source;
}

}  // namespace probesweep::worker
