#include "worker/text/sentencepiece_tokenizer.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "worker/text/text_ends.h"
#include "common/unicode.h"

namespace probesweep::worker {
namespace {

using Json = nlohmann::json;
using Ids = absl::flat_hash_map<absl::string_view, uint64_t>;

constexpr char kMark[] = "\u2581";

absl::Status NotImplemented(const std::string& name, const std::string& what) {
  return absl::UnimplementedError(absl::StrCat(
      name, ": ", what,
      " is not implemented for a tokenizer.model without tokenizer.json. Have transformers write one: "
      "AutoTokenizer.from_pretrained(folder).save_pretrained(folder)"));
}

absl::Status CheckImplemented(const SentencePieceFile& file, const TokenizerConfig& config,
                              const std::string& name) {
  if (file.model_type == SentencePieceFile::kUnigram) return NotImplemented(name, "a Unigram model");
  if (file.model_type != SentencePieceFile::kBpe) return NotImplemented(name, "a model other than BPE");
  for (const char* known :
       {"", "LlamaTokenizer", "CodeLlamaTokenizer", "PreTrainedTokenizer", "TokenizersBackend"}) {
    if (config.tokenizer_class != known) continue;
    if (file.has_character_map) return NotImplemented(name, "normalisation by a table of characters");
    if (!file.escape_whitespaces) return NotImplemented(name, "leaving spaces as they are");
    if (file.remove_extra_whitespaces) return NotImplemented(name, "remove_extra_whitespaces");
    return absl::OkStatus();
  }
  return NotImplemented(name, absl::StrCat("tokenizer_class \"", config.tokenizer_class, "\""));
}

int64_t CountCharacters(absl::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; });
}

struct RankedMerge {
  float score;  // of what is merged
  int64_t left_length;
  int64_t right_length;  // in characters
  absl::string_view left;
  absl::string_view right;
};

// A pair merges when both sides and what they make are pieces. The better piece goes first; of the ways to
// make one piece, that with the longer left side: so transformers ranks them.
Json Merges(const std::vector<SentencePieceFile::Piece>& pieces, const Ids& ids) {
  std::vector<RankedMerge> merges;
  for (const SentencePieceFile::Piece& piece : pieces) {
    const absl::string_view text = piece.text;
    const int64_t length = CountCharacters(text);
    int64_t left_length = 0;
    for (size_t at = 0; at < text.size();) {
      NextCodePoint(text, &at);
      ++left_length;
      if (at == text.size() || !ids.contains(text.substr(0, at)) || !ids.contains(text.substr(at))) continue;
      merges.push_back({piece.score, left_length, length - left_length, text.substr(0, at), text.substr(at)});
    }
  }
  std::stable_sort(merges.begin(), merges.end(), [](const RankedMerge& a, const RankedMerge& b) {
    return std::tie(a.score, a.left_length, a.right_length) >
           std::tie(b.score, b.left_length, b.right_length);
  });
  Json list = Json::array();
  for (const RankedMerge& merge : merges) {
    list.push_back(Json::array({std::string(merge.left), std::string(merge.right)}));
  }
  return list;
}

Json Model(const SentencePieceFile& file, const Ids& ids) {
  Json vocabulary = Json::object();
  for (const auto& [piece, id] : ids) vocabulary[std::string(piece)] = id;
  return {{"type", "BPE"},         {"unk_token", file.unknown_piece}, {"fuse_unk", true},
          {"byte_fallback", true}, {"vocab", std::move(vocabulary)},  {"merges", Merges(file.pieces, ids)}};
}

Json AddedToken(const std::string& content, uint64_t id) {
  return {{"id", id},        {"content", content},  {"single_word", false}, {"lstrip", false},
          {"rstrip", false}, {"normalized", false}, {"special", true}};
}

// Control pieces, then what the configuration adds.
Json AddedTokens(const SentencePieceFile& file, const TokenizerConfig& config) {
  Json added = Json::array();
  for (size_t id = 0; id < file.pieces.size(); ++id) {
    const SentencePieceFile::Piece& piece = file.pieces[id];
    if (piece.type != SentencePieceFile::kControl && piece.type != SentencePieceFile::kUnknown) continue;
    added.push_back(AddedToken(piece.text, id));
  }
  config.AppendTo(added);
  return added;
}

// A pattern of the pieces that users defined, the longest first; empty when there are none. SentencePiece
// takes them whole wherever they stand, spaces already marked.
std::string UserDefinedPattern(const SentencePieceFile& file) {
  std::vector<absl::string_view> pieces;
  for (const SentencePieceFile::Piece& piece : file.pieces) {
    if (piece.type == SentencePieceFile::kUserDefined) pieces.push_back(piece.text);
  }
  std::stable_sort(pieces.begin(), pieces.end(), [](absl::string_view a, absl::string_view b) {
    return CountCharacters(a) > CountCharacters(b);
  });
  std::string pattern;
  for (const absl::string_view piece : pieces) {
    if (!pattern.empty()) pattern += '|';
    for (const char c : piece) {
      if (absl::ascii_ispunct(static_cast<unsigned char>(c))) pattern += '\\';
      pattern += c;
    }
  }
  return pattern;
}

Json Replace(const char* pattern, const char* content) {
  return {{"type", "Replace"}, {"pattern", {{"String", pattern}}}, {"content", content}};
}

Json Decoder(bool prefix) {
  Json steps = {Replace(kMark, " "), {{"type", "ByteFallback"}}, {{"type", "Fuse"}}};
  if (prefix) steps.push_back({{"type", "Strip"}, {"content", " "}, {"start", 1u}, {"stop", 0u}});
  return {{"type", "Sequence"}, {"decoders", std::move(steps)}};
}

// `legacy`: every stretch of text between added tokens gets a space in front; else the whole text does.
void AddSteps(const SentencePieceFile& file, const TokenizerConfig& config, bool prefix, Json& tokenizer) {
  Json cuts = Json::array();
  if (config.legacy.value_or(true)) {
    Json steps = Json::array();
    if (prefix) steps.push_back({{"type", "Prepend"}, {"prepend", kMark}});
    steps.push_back(Replace(" ", kMark));
    tokenizer["normalizer"] = {{"type", "Sequence"}, {"normalizers", std::move(steps)}};
  } else {
    cuts.push_back({{"type", "Metaspace"},
                    {"replacement", kMark},
                    {"prepend_scheme", prefix ? "first" : "never"},
                    {"split", false}});
  }
  const std::string user_defined = UserDefinedPattern(file);
  if (!user_defined.empty()) {
    cuts.push_back({{"type", "Split"},
                    {"pattern", {{"Regex", user_defined}}},
                    {"behavior", "Isolated"},
                    {"invert", false}});
    tokenizer["model"]["ignore_merges"] = true;
  }
  tokenizer["pre_tokenizer"] = {{"type", "Sequence"}, {"pretokenizers", std::move(cuts)}};
}

}  // namespace

absl::StatusOr<Json> SentencePieceTokenizer(const SentencePieceFile& original, const TokenizerConfig& config,
                                            const std::string& name) {
  PS_RETURN_IF_ERROR(CheckImplemented(original, config, name));
  SentencePieceFile file = original;
  // A configuration may give a reserved piece a name.
  for (const Json& token : config.added) {
    const auto id = token["id"].get<size_t>();
    if (id < file.pieces.size()) file.pieces[id].text = token["content"].get<std::string>();
  }
  Ids ids;
  for (size_t id = 0; id < file.pieces.size(); ++id) {
    if (!ids.try_emplace(file.pieces[id].text, id).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, ": tokenizer_config.json gives piece ", id, " the name \"", file.pieces[id].text,
                       "\", which another piece has; copy both files again from one place"));
    }
  }
  const bool prefix = file.add_dummy_prefix && config.add_prefix_space.value_or(true);
  Json tokenizer = {
      {"model", Model(file, ids)}, {"added_tokens", AddedTokens(file, config)}, {"decoder", Decoder(prefix)}};
  AddSteps(file, config, prefix, tokenizer);
  const TextEnds ends = {config.ContentOf("bos_token", file.begin_piece),
                         config.ContentOf("eos_token", file.end_piece), config.add_bos_token.value_or(true),
                         config.add_eos_token.value_or(false)};
  PS_ASSIGN_OR_RETURN(tokenizer["post_processor"], PutAround(ends, tokenizer, name));
  return tokenizer;
}

}  // namespace probesweep::worker
