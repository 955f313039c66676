#include "worker/text/string_trie.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace probesweep::worker {

bool StringTrie::Insert(absl::string_view key, int64_t value) {
  if (key.empty()) return false;
  first_bytes_[static_cast<uint8_t>(key.front())] = true;
  uint32_t node = 0;
  for (absl::string_view rest = key; !rest.empty();) {
    const auto [edge, is_new] =
        edges_.try_emplace(Edge(node, rest.front()), static_cast<uint32_t>(nodes_.size()));
    uint32_t child = edge->second;
    if (is_new) {
      nodes_.push_back({rest, value});
      return true;
    }
    const absl::string_view label = nodes_[child].label;
    const auto differs = std::mismatch(label.begin(), label.end(), rest.begin(), rest.end()).first;
    const auto same = static_cast<size_t>(differs - label.begin());
    if (same < label.size()) child = Split(node, child, same);
    rest.remove_prefix(same);
    node = child;
  }
  if (nodes_[node].value.has_value()) return false;
  nodes_[node].value = value;
  return true;
}

uint32_t StringTrie::Split(uint32_t parent, uint32_t node, size_t length) {
  const auto middle = static_cast<uint32_t>(nodes_.size());
  const absl::string_view label = nodes_[node].label;
  nodes_.push_back({label.substr(0, length), std::nullopt});
  nodes_[node].label = label.substr(length);
  edges_[Edge(parent, label.front())] = middle;
  edges_[Edge(middle, label[length])] = node;
  return middle;
}

std::optional<StringTrie::Match> StringTrie::LongestPrefix(absl::string_view text) const {
  if (text.empty() || !first_bytes_[static_cast<uint8_t>(text.front())]) return std::nullopt;
  std::optional<Match> longest;
  uint32_t node = 0;
  for (absl::string_view rest = text; !rest.empty();) {
    const auto edge = edges_.find(Edge(node, rest.front()));
    if (edge == edges_.end()) break;
    node = edge->second;
    const absl::string_view label = nodes_[node].label;
    if (!absl::StartsWith(rest, label)) break;
    rest.remove_prefix(label.size());
    if (nodes_[node].value.has_value()) longest = Match{text.size() - rest.size(), *nodes_[node].value};
  }
  return longest;
}

}  // namespace probesweep::worker
