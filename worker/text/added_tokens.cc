#include "worker/text/added_tokens.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "common/unicode.h"

namespace probesweep::worker {
namespace {

// At every place of a text that many bytes may be looked at. Published tokens have less than a hundred.
constexpr size_t kMaxTokenBytes = 512;

bool EndsWithWord(absl::string_view text) {
  size_t begin = text.size();
  while (begin > 0) {
    --begin;
    if ((static_cast<uint8_t>(text[begin]) & 0xC0) != 0x80) break;
  }
  return !text.empty() && IsWordCharacter(NextCodePoint(text, &begin));
}

bool StartsWithWord(absl::string_view text) {
  size_t offset = 0;
  return !text.empty() && IsWordCharacter(NextCodePoint(text, &offset));
}

}  // namespace

absl::StatusOr<AddedTokens> AddedTokens::Read(const Component& root, const BpeModel& model,
                                              const Normalizer* normalizer) {
  AddedTokens added;
  if (!root.Has("added_tokens")) return added;
  {
    PS_ASSIGN_OR_RETURN(const std::vector<Component> elements, root.Elements("added_tokens"));
    for (const Component& element : elements) {
      PS_ASSIGN_OR_RETURN(Token token, ReadToken(element, normalizer));
      if (!token.content.empty()) PS_RETURN_IF_ERROR(added.Add(std::move(token), model));
    }
  }  // hundred thousand elements take 20 MB
  PS_RETURN_IF_ERROR(added.BuildTries(root));
  return added;
}

absl::StatusOr<AddedTokens::Token> AddedTokens::ReadToken(const Component& component,
                                                          const Normalizer* normalizer) {
  Token token;
  PS_RETURN_IF_ERROR(component.Integer("id").status());
  PS_ASSIGN_OR_RETURN(token.content, component.String("content"));
  if (token.content.size() > kMaxTokenBytes) {
    return component.NotImplemented(absl::StrCat("a token of more than ", kMaxTokenBytes, " bytes"));
  }
  PS_ASSIGN_OR_RETURN(token.single_word, component.Bool("single_word"));
  PS_ASSIGN_OR_RETURN(token.lstrip, component.Bool("lstrip"));
  PS_ASSIGN_OR_RETURN(token.rstrip, component.Bool("rstrip"));
  PS_ASSIGN_OR_RETURN(token.normalized, component.Bool("normalized"));
  PS_ASSIGN_OR_RETURN(token.special, component.Bool("special"));
  if (token.normalized && normalizer != nullptr) {
    Piece piece{token.content, /*at_start=*/true};
    PS_RETURN_IF_ERROR(normalizer->Apply(&piece));
    if (piece.text != token.content) token.normal_form = std::move(piece.text);
  }
  return token;
}

absl::Status AddedTokens::Add(Token token, const BpeModel& model) {
  const auto known = by_content_.find(token.content);
  std::optional<int64_t> id =
      known != by_content_.end() ? std::optional<int64_t>(known->second.id) : model.TokenToId(token.content);
  if (!id.has_value()) {
    const auto next = static_cast<int64_t>(model.vocab_size());
    id = by_id_.empty() ? next : std::max(next, by_id_.rbegin()->first + 1);
    ++beyond_model_;
  }
  const Token& kept = tokens_.emplace_back(std::move(token));
  Known& same_content = by_content_.try_emplace(kept.content).first->second;
  same_content.id = *id;
  same_content.special |= kept.special;
  by_id_.insert_or_assign(*id, &kept);
  return absl::OkStatus();
}

absl::Status AddedTokens::BuildTries(const Component& root) {
  for (const auto& [id, token] : by_id_) {
    StringTrie& trie = token->normalized ? normalized_ : raw_;
    if (!trie.Insert(token->Text(), id)) {
      return root.Field("added_tokens")
          .NotImplemented(absl::StrCat("a token \"", token->content,
                                       "\" that is empty or the same as another once normalised"));
    }
  }
  return absl::OkStatus();
}

bool AddedTokens::Accepts(const Token& token, absl::string_view text, size_t begin, size_t end) const {
  return !token.single_word || (!EndsWithWord(text.substr(0, begin)) && !StartsWithWord(text.substr(end)));
}

std::vector<Segment> AddedTokens::Cut(Piece piece, bool normalized) const {
  const StringTrie& trie = normalized ? normalized_ : raw_;
  const absl::string_view text = piece.text;
  std::vector<Segment> segments;
  size_t done = 0;
  const auto append_text = [&](size_t begin, size_t end) {
    if (begin >= end) return;
    segments.push_back(
        {std::nullopt, {std::string(text.substr(begin, end - begin)), piece.at_start && begin == 0}});
  };
  for (size_t at = 0; at < text.size();) {
    const std::optional<StringTrie::Match> match = trie.LongestPrefix(text.substr(at));
    if (!match.has_value()) {
      ++at;
      continue;
    }
    // The search goes on behind the match, whether it is taken or not, and whatever white space it takes
    // along.
    size_t begin = at;
    size_t end = at + match->length;
    at = end;
    const Token& token = *by_id_.at(match->value);
    if (!Accepts(token, text, begin, end)) continue;
    if (token.lstrip) begin = std::max(begin - TrailingWhitespace(text.substr(0, begin)), done);
    if (token.rstrip) end += LeadingWhitespace(text.substr(end));
    append_text(done, begin);
    // Nothing is left of a token that lies in the white space that the one before took along.
    if (begin < end) segments.push_back({match->value, {}});
    done = end;
  }
  append_text(done, text.size());
  return segments;
}

std::optional<absl::string_view> AddedTokens::IdToToken(int64_t id) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return std::nullopt;
  return found->second->Text();
}

bool AddedTokens::IsSpecial(absl::string_view token) const {
  const auto found = by_content_.find(token);
  return found != by_content_.end() && found->second.special;
}

}  // namespace probesweep::worker
