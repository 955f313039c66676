#include "worker/text/bpe.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status.h"
#include "common/unicode.h"

namespace probesweep::worker {
namespace {

using Json = nlohmann::json;

// "" when the field is absent or null.
absl::StatusOr<std::string> OptionalString(const Component& component, absl::string_view key) {
  if (!component.Has(key)) return std::string();
  return component.String(key);
}

}  // namespace

absl::StatusOr<std::unique_ptr<BpeModel>> BpeModel::Read(const Component& component, Vocabulary vocabulary,
                                                         const MergeList& merges) {
  // Old files have no type; only BPE has merges.
  const std::string type = component.Type();
  const bool is_bpe = type == "BPE" || (type.empty() && component.Has("merges"));
  if (!is_bpe) return component.TypeNotImplemented("model", "BPE");
  std::unique_ptr<BpeModel> model(new BpeModel());
  model->vocabulary_ = std::move(vocabulary);
  PS_RETURN_IF_ERROR(model->ReadOptions(component));
  PS_RETURN_IF_ERROR(model->ReadVocabulary(component));
  PS_RETURN_IF_ERROR(model->ReadMerges(component, merges));
  return model;
}

absl::Status BpeModel::ReadOptions(const Component& component) {
  const Json dropout = component.Field("dropout").json();
  if (!dropout.is_null() && dropout != 0.0) return component.NotImplemented("dropout (random tokens)");
  if (component.Has("unk_token")) {
    PS_ASSIGN_OR_RETURN(options_.unknown_token, component.String("unk_token"));
  }
  PS_ASSIGN_OR_RETURN(options_.continuing_prefix, OptionalString(component, "continuing_subword_prefix"));
  PS_ASSIGN_OR_RETURN(options_.end_of_word_suffix, OptionalString(component, "end_of_word_suffix"));
  PS_ASSIGN_OR_RETURN(options_.fuse_unknown, component.BoolOr("fuse_unk", false));
  PS_ASSIGN_OR_RETURN(options_.byte_fallback, component.BoolOr("byte_fallback", false));
  PS_ASSIGN_OR_RETURN(options_.ignore_merges, component.BoolOr("ignore_merges", false));
  return absl::OkStatus();
}

absl::Status BpeModel::ReadVocabulary(const Component& component) {
  const Component vocabulary = component.Field("vocab");
  if (!vocabulary.json().is_object()) return component.Invalid("field \"vocab\" must map tokens to ids");
  if (!vocabulary_.fault().empty()) return vocabulary.Invalid(vocabulary_.fault());
  if (const auto same = vocabulary_.OrderById()) {
    return vocabulary.Invalid(
        absl::StrCat("\"", same->first, "\" and \"", same->second, "\" have the same id"));
  }
  for (size_t c = 0; c < ascii_tokens_.size(); ++c) {
    ascii_tokens_[c] = vocabulary_.IdOf(std::string(1, static_cast<char>(c)));
  }
  for (int byte = 0; byte < 256; ++byte) {
    byte_tokens_[byte] = vocabulary_.IdOf(absl::StrFormat("<0x%02X>", byte));
  }
  return absl::OkStatus();
}

absl::Status BpeModel::ReadMerges(const Component& component, const MergeList& merges) {
  const Component field = component.Field("merges");
  if (!field.json().is_array()) return component.Invalid("field \"merges\" must be a list");
  merges_.Reserve(merges.size());
  size_t rank = 0;
  PS_RETURN_IF_ERROR(merges.ForEach(
      [&](absl::string_view left, absl::string_view right) { return AddMerge(field, left, right, rank++); }));
  return merges.fault().empty() ? absl::OkStatus() : field.Invalid(merges.fault());
}

absl::Status BpeModel::AddMerge(const Component& component, absl::string_view left, absl::string_view right,
                                size_t rank) {
  if (left.empty() || right.empty()) {
    return component.Invalid(absl::StrCat("merge ", rank, " has an empty token"));
  }
  const size_t prefix = options_.continuing_prefix.size();
  const std::optional<TokenId> left_id = vocabulary_.IdOf(left);
  const std::optional<TokenId> right_id = vocabulary_.IdOf(right);
  std::optional<TokenId> merged_id;
  if (right.size() >= prefix) merged_id = vocabulary_.IdOf(absl::StrCat(left, right.substr(prefix)));
  if (!left_id.has_value() || !right_id.has_value() || !merged_id.has_value()) {
    return component.Invalid(absl::StrCat("merge ", rank, " (\"", left, "\" and \"", right,
                                          "\") has a token that is not in the vocabulary"));
  }
  merges_.Set(*left_id, *right_id, {static_cast<uint32_t>(rank), *merged_id});
  return absl::OkStatus();
}

absl::Status BpeModel::Encode(absl::string_view word, WordCache* cache, std::vector<int64_t>* ids) const {
  if (options_.ignore_merges) {
    if (const std::optional<TokenId> whole = vocabulary_.IdOf(word)) {
      ids->push_back(*whole);
      return absl::OkStatus();
    }
  }
  if (cache->Append(word, ids)) return absl::OkStatus();
  PS_ASSIGN_OR_RETURN(std::vector<TokenId> tokens, Characters(word));
  ApplyMerges(merges_, &tokens);
  ids->insert(ids->end(), tokens.begin(), tokens.end());
  cache->Insert(word, tokens);
  return absl::OkStatus();
}

std::string BpeModel::Decorated(absl::string_view word, size_t begin, size_t end) const {
  return absl::StrCat(begin == 0 ? "" : options_.continuing_prefix, word.substr(begin, end - begin),
                      end == word.size() ? options_.end_of_word_suffix : "");
}

std::optional<TokenId> BpeModel::FindCharacter(absl::string_view word, size_t begin, size_t end) const {
  const bool plain = options_.continuing_prefix.empty() && options_.end_of_word_suffix.empty();
  const auto first = static_cast<uint8_t>(word[begin]);
  if (plain && first < ascii_tokens_.size()) return ascii_tokens_[first];
  if (plain) return vocabulary_.IdOf(word.substr(begin, end - begin));
  return vocabulary_.IdOf(Decorated(word, begin, end));
}

absl::StatusOr<std::vector<TokenId>> BpeModel::Characters(absl::string_view word) const {
  std::vector<TokenId> tokens;
  tokens.reserve(word.size());
  // Held back until a known character or the word's end, so that it can be fused. Bytes do not release it:
  // the original has it so, and trained vocabularies depend on it.
  std::optional<TokenId> unknown;
  for (size_t offset = 0; offset < word.size();) {
    const size_t begin = offset;
    NextCodePoint(word, &offset);
    if (const std::optional<TokenId> known = FindCharacter(word, begin, offset)) {
      if (unknown.has_value()) tokens.push_back(*unknown);
      unknown.reset();
      tokens.push_back(*known);
      continue;
    }
    const std::string character = Decorated(word, begin, offset);
    const std::vector<TokenId> bytes =
        options_.byte_fallback ? ByteTokens(character) : std::vector<TokenId>();
    if (!bytes.empty()) {
      tokens.insert(tokens.end(), bytes.begin(), bytes.end());
    } else if (options_.unknown_token.has_value()) {
      if (unknown.has_value() && !options_.fuse_unknown) tokens.push_back(*unknown);
      PS_ASSIGN_OR_RETURN(unknown, UnknownToken(character));
    }
  }
  if (unknown.has_value()) tokens.push_back(*unknown);
  return tokens;
}

std::vector<TokenId> BpeModel::ByteTokens(absl::string_view text) const {
  std::vector<TokenId> tokens;
  for (const char c : text) {
    const std::optional<TokenId>& token = byte_tokens_[static_cast<uint8_t>(c)];
    if (!token.has_value()) return {};
    tokens.push_back(*token);
  }
  return tokens;
}

absl::StatusOr<TokenId> BpeModel::UnknownToken(absl::string_view character) const {
  if (const std::optional<TokenId> id = vocabulary_.IdOf(*options_.unknown_token)) return *id;
  return absl::FailedPreconditionError(
      absl::StrCat("\"", character, "\" is not in the tokenizer's vocabulary, nor is its unknown token \"",
                   *options_.unknown_token, "\"; remove the character from the text"));
}

std::optional<int64_t> BpeModel::TokenToId(absl::string_view token) const { return vocabulary_.IdOf(token); }

std::optional<absl::string_view> BpeModel::IdToToken(int64_t id) const {
  if (id < 0 || id > UINT32_MAX) return std::nullopt;
  return vocabulary_.TokenOf(static_cast<TokenId>(id));
}

}  // namespace probesweep::worker
