#include "worker/text/sentencepiece_tokenizer.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "common/unicode.h"
#include "worker/text/text_ends.h"

namespace probesweep::worker {
namespace {

using Json = nlohmann::json;

constexpr char kMark[] = "\u2581";

// Llama's file has three; each takes a hundred times its bytes in memory.
constexpr size_t kMaxControlPieces = 8192;

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

// Llama 2's file makes two merges for each piece. Pieces that are all beginnings and ends of one another
// would make as many as they have characters.
constexpr size_t kMergesPerPiece = 8;
constexpr size_t kMergesInAnyCase = 10'000;

struct RankedMerge {
  float score;     // of what is merged
  uint32_t piece;  // which that is
  uint32_t left_bytes;
  uint32_t left_length;  // in characters
  uint32_t right_length;
};

// A pair merges when both sides and what they make are pieces. The better piece goes first; of the ways to
// make one piece, that with the longer left side: so transformers ranks them.
absl::StatusOr<MergeList> Merges(const SentencePieceFile& file, const Vocabulary& vocabulary,
                                 const std::string& name) {
  const size_t most = kMergesInAnyCase + kMergesPerPiece * file.pieces.size();
  std::vector<RankedMerge> merges;
  for (size_t id = 0; id < file.pieces.size(); ++id) {
    const absl::string_view text = file.pieces[id].text;
    const auto length = static_cast<uint32_t>(CountCharacters(text));
    uint32_t left_length = 0;
    for (size_t at = 0; at < text.size();) {
      NextCodePoint(text, &at);
      ++left_length;
      if (at == text.size() || !vocabulary.IdOf(text.substr(0, at)) || !vocabulary.IdOf(text.substr(at)))
        continue;
      if (merges.size() >= most) {
        return NotImplemented(name, absl::StrCat("more than ", kMergesPerPiece, " merges for each piece"));
      }
      merges.push_back({file.pieces[id].score, static_cast<uint32_t>(id), static_cast<uint32_t>(at),
                        left_length, static_cast<uint32_t>(length - left_length)});
    }
  }
  std::stable_sort(merges.begin(), merges.end(), [](const RankedMerge& a, const RankedMerge& b) {
    return std::tie(a.score, a.left_length, a.right_length) >
           std::tie(b.score, b.left_length, b.right_length);
  });
  MergeList list;
  for (const RankedMerge& merge : merges) {
    const absl::string_view text = file.pieces[merge.piece].text;
    list.Add(text.substr(0, merge.left_bytes), text.substr(merge.left_bytes));
  }
  return list;
}

Json Model(const SentencePieceFile& file) {
  return {{"type", "BPE"},         {"unk_token", file.unknown_piece}, {"fuse_unk", true},
          {"byte_fallback", true}, {"vocab", Json::object()},         {"merges", Json::array()}};
}

Json AddedToken(const std::string& content, uint64_t id) {
  return {{"id", id},        {"content", content},  {"single_word", false}, {"lstrip", false},
          {"rstrip", false}, {"normalized", false}, {"special", true}};
}

// Control pieces, then what the configuration adds.
absl::StatusOr<Json> AddedTokens(const SentencePieceFile& file, const TokenizerConfig& config,
                                 const std::string& name) {
  Json added = Json::array();
  for (size_t id = 0; id < file.pieces.size(); ++id) {
    const SentencePieceFile::Piece& piece = file.pieces[id];
    if (piece.type != SentencePieceFile::kControl && piece.type != SentencePieceFile::kUnknown) continue;
    if (added.size() >= kMaxControlPieces) {
      return NotImplemented(name, absl::StrCat("more than ", kMaxControlPieces, " control pieces"));
    }
    added.push_back(AddedToken(std::string(piece.text), id));
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

absl::StatusOr<TokenizerSource> SentencePieceTokenizer(SentencePieceFile file, const TokenizerConfig& config,
                                                       const std::string& name) {
  PS_RETURN_IF_ERROR(CheckImplemented(file, config, name));
  // A configuration may give a reserved piece a name.
  for (const Json& token : config.added) {
    const auto id = token["id"].get<size_t>();
    if (id < file.pieces.size()) file.pieces[id].text = token["content"].get_ref<const std::string&>();
  }
  Vocabulary vocabulary;
  for (size_t id = 0; id < file.pieces.size(); ++id) {
    if (vocabulary.IdOf(file.pieces[id].text).has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, ": tokenizer_config.json gives piece ", id, " the name \"", file.pieces[id].text,
                       "\", which another piece has; copy both files again from one place"));
    }
    vocabulary.Add(file.pieces[id].text, static_cast<TokenId>(id));
  }
  const bool prefix = file.add_dummy_prefix && config.add_prefix_space.value_or(true);
  PS_ASSIGN_OR_RETURN(Json added, AddedTokens(file, config, name));
  Json tokenizer = {{"model", Model(file)}, {"added_tokens", std::move(added)}, {"decoder", Decoder(prefix)}};
  AddSteps(file, config, prefix, tokenizer);
  const TextEnds ends = {config.ContentOf("bos_token", file.begin_piece),
                         config.ContentOf("eos_token", file.end_piece), config.add_bos_token.value_or(true),
                         config.add_eos_token.value_or(false)};
  PS_ASSIGN_OR_RETURN(tokenizer["post_processor"],
                      PutAround(ends, tokenizer["added_tokens"], vocabulary, name));
  PS_ASSIGN_OR_RETURN(MergeList merges, Merges(file, vocabulary, name));
  return TokenizerSource{std::move(tokenizer), std::move(vocabulary), std::move(merges), name};
}

}  // namespace probesweep::worker
