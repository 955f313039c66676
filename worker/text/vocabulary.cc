#include "worker/text/vocabulary.h"

#include <algorithm>
#include <numeric>

#include "absl/hash/hash.h"

namespace probesweep::worker {

absl::string_view Vocabulary::Tokens::At(uint32_t number) const {
  const uint32_t begin = number == 0 ? 0 : ends[number - 1];
  return absl::string_view(text).substr(begin, ends[number] - begin);
}

size_t Vocabulary::Hash::operator()(absl::string_view token) const {
  return absl::Hash<absl::string_view>()(token);
}

Vocabulary::Vocabulary()
    : tokens_(std::make_unique<Tokens>()), index_(0, Hash{tokens_.get()}, Equal{tokens_.get()}) {}

void Vocabulary::Add(absl::string_view token, TokenId id) {
  if (!fault_.empty()) return;
  Tokens& tokens = *tokens_;
  const auto number = index_.lazy_emplace(token, [&](const auto& construct) {
    tokens.text.append(token.data(), token.size());
    tokens.ends.push_back(static_cast<uint32_t>(tokens.text.size()));
    tokens.ids.push_back(id);
    construct(static_cast<uint32_t>(tokens.ends.size() - 1));
  });
  tokens.ids[*number] = id;
}

void Vocabulary::Refuse(std::string fault) {
  if (fault_.empty()) fault_ = std::move(fault);
}

std::optional<TokenId> Vocabulary::IdOf(absl::string_view token) const {
  const auto found = index_.find(token);
  if (found == index_.end()) return std::nullopt;
  return tokens_->ids[*found];
}

std::optional<std::pair<absl::string_view, absl::string_view>> Vocabulary::OrderById() {
  const std::vector<TokenId>& ids = tokens_->ids;
  by_id_.resize(size());
  std::iota(by_id_.begin(), by_id_.end(), 0u);
  // Published files are in this order already.
  if (!std::is_sorted(ids.begin(), ids.end())) {
    std::sort(by_id_.begin(), by_id_.end(), [&ids](uint32_t a, uint32_t b) { return ids[a] < ids[b]; });
  }
  const auto same = std::adjacent_find(by_id_.begin(), by_id_.end(),
                                       [&ids](uint32_t a, uint32_t b) { return ids[a] == ids[b]; });
  if (same == by_id_.end()) return std::nullopt;
  return std::make_pair(tokens_->At(*same), tokens_->At(*(same + 1)));
}

std::optional<absl::string_view> Vocabulary::TokenOf(TokenId id) const {
  const std::vector<TokenId>& ids = tokens_->ids;
  if (id < by_id_.size() && ids[by_id_[id]] == id) return tokens_->At(by_id_[id]);  // no id is left out below
  const auto found =
      std::lower_bound(by_id_.begin(), by_id_.end(), id,
                       [&ids](uint32_t number, TokenId wanted) { return ids[number] < wanted; });
  if (found == by_id_.end() || ids[*found] != id) return std::nullopt;
  return tokens_->At(*found);
}

}  // namespace probesweep::worker
