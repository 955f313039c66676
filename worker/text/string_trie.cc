#include "worker/text/string_trie.h"

namespace probesweep::worker {

bool StringTrie::Insert(absl::string_view key, int64_t value) {
  if (key.empty()) return false;
  first_bytes_[static_cast<uint8_t>(key.front())] = true;
  uint32_t node = 0;
  for (const char byte : key) {
    const auto [edge, is_new] = edges_.try_emplace(Edge(node, byte), nodes_);
    if (is_new) ++nodes_;
    node = edge->second;
  }
  return values_.try_emplace(node, value).second;
}

std::optional<StringTrie::Match> StringTrie::LongestPrefix(absl::string_view text) const {
  if (text.empty() || !first_bytes_[static_cast<uint8_t>(text.front())]) return std::nullopt;
  std::optional<Match> longest;
  uint32_t node = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto edge = edges_.find(Edge(node, text[i]));
    if (edge == edges_.end()) break;
    node = edge->second;
    const auto value = values_.find(node);
    if (value != values_.end()) longest = Match{i + 1, value->second};
  }
  return longest;
}

}  // namespace probesweep::worker
