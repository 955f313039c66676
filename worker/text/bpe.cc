#include "worker/text/bpe.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/match.h"
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

bool IsPairOfStrings(const Json& merge) {
  return merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string();
}

}  // namespace

absl::StatusOr<std::unique_ptr<BpeModel>> BpeModel::Read(const Component& component) {
  // Old files have no type; only BPE has merges.
  const std::string type = component.Type();
  const bool is_bpe = type == "BPE" || (type.empty() && component.Has("merges"));
  if (!is_bpe) return component.TypeNotImplemented("model", "BPE");
  std::unique_ptr<BpeModel> model(new BpeModel());
  PS_RETURN_IF_ERROR(model->ReadOptions(component));
  PS_RETURN_IF_ERROR(model->ReadVocabulary(component));
  PS_RETURN_IF_ERROR(model->ReadMerges(component));
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
  ids_.reserve(vocabulary.json().size());
  tokens_.reserve(vocabulary.json().size());
  for (const auto& [token, id] : vocabulary.json().items()) {
    if (!id.is_number_unsigned() || id.get<uint64_t>() > UINT32_MAX) {
      return vocabulary.Invalid(absl::StrCat("the id of \"", token, "\" must be a whole number below 2^32"));
    }
    const auto [same_id, is_new] = tokens_.emplace(id.get<TokenId>(), token);
    if (!is_new) {
      return vocabulary.Invalid(
          absl::StrCat("\"", token, "\" and \"", same_id->second, "\" have the same id"));
    }
    ids_.emplace(token, id.get<TokenId>());
  }
  for (size_t c = 0; c < ascii_tokens_.size(); ++c) {
    const auto found = ids_.find(std::string(1, static_cast<char>(c)));
    if (found != ids_.end()) ascii_tokens_[c] = found->second;
  }
  for (int byte = 0; byte < 256; ++byte) {
    const auto found = ids_.find(absl::StrFormat("<0x%02X>", byte));
    if (found != ids_.end()) byte_tokens_[byte] = found->second;
  }
  return absl::OkStatus();
}

absl::Status BpeModel::ReadMerges(const Component& component) {
  const Component merges = component.Field("merges");
  if (!merges.json().is_array()) return component.Invalid("field \"merges\" must be a list");
  merges_.Reserve(merges.json().size());
  size_t rank = 0;
  for (const Json& merge : merges.json()) {
    if (IsPairOfStrings(merge)) {
      PS_RETURN_IF_ERROR(AddMerge(merges, merge[0].get_ref<const std::string&>(),
                                  merge[1].get_ref<const std::string&>(), rank++));
      continue;
    }
    if (!merge.is_string()) return merges.Invalid(absl::StrCat("merge ", rank, " must be two tokens"));
    const absl::string_view text = merge.get_ref<const std::string&>();
    if (absl::StartsWith(text, "#version")) continue;  // the first line of a merges.txt
    const size_t space = text.find(' ');
    if (space == absl::string_view::npos || text.find(' ', space + 1) != absl::string_view::npos) {
      return merges.Invalid(absl::StrCat("merge ", rank, " must be two tokens"));
    }
    PS_RETURN_IF_ERROR(AddMerge(merges, text.substr(0, space), text.substr(space + 1), rank++));
  }
  return absl::OkStatus();
}

absl::Status BpeModel::AddMerge(const Component& component, absl::string_view left, absl::string_view right,
                                size_t rank) {
  if (left.empty() || right.empty()) {
    return component.Invalid(absl::StrCat("merge ", rank, " has an empty token"));
  }
  const size_t prefix = options_.continuing_prefix.size();
  const auto left_id = ids_.find(left);
  const auto right_id = ids_.find(right);
  const auto merged_id =
      right.size() < prefix ? ids_.end() : ids_.find(absl::StrCat(left, right.substr(prefix)));
  if (left_id == ids_.end() || right_id == ids_.end() || merged_id == ids_.end()) {
    return component.Invalid(absl::StrCat("merge ", rank, " (\"", left, "\" and \"", right,
                                          "\") has a token that is not in the vocabulary"));
  }
  merges_.Set(left_id->second, right_id->second, {static_cast<uint32_t>(rank), merged_id->second});
  return absl::OkStatus();
}

absl::Status BpeModel::Encode(absl::string_view word, WordCache* cache, std::vector<int64_t>* ids) const {
  if (options_.ignore_merges) {
    const auto whole = ids_.find(word);
    if (whole != ids_.end()) {
      ids->push_back(whole->second);
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

const TokenId* BpeModel::FindCharacter(absl::string_view word, size_t begin, size_t end) const {
  const bool plain = options_.continuing_prefix.empty() && options_.end_of_word_suffix.empty();
  const auto first = static_cast<uint8_t>(word[begin]);
  if (plain && first < ascii_tokens_.size()) {
    const std::optional<TokenId>& token = ascii_tokens_[first];
    return token.has_value() ? &*token : nullptr;
  }
  const auto found =
      plain ? ids_.find(word.substr(begin, end - begin)) : ids_.find(Decorated(word, begin, end));
  return found == ids_.end() ? nullptr : &found->second;
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
    if (const TokenId* known = FindCharacter(word, begin, offset)) {
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
  const auto found = ids_.find(*options_.unknown_token);
  if (found != ids_.end()) return found->second;
  return absl::FailedPreconditionError(
      absl::StrCat("\"", character, "\" is not in the tokenizer's vocabulary, nor is its unknown token \"",
                   *options_.unknown_token, "\"; remove the character from the text"));
}

std::optional<int64_t> BpeModel::TokenToId(absl::string_view token) const {
  const auto found = ids_.find(token);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

const std::string* BpeModel::IdToToken(int64_t id) const {
  if (id < 0 || id > UINT32_MAX) return nullptr;
  const auto found = tokens_.find(static_cast<TokenId>(id));
  return found == tokens_.end() ? nullptr : &found->second;
}

}  // namespace probesweep::worker
