// The longest of many strings that begins at a place of a text.
#ifndef PROBESWEEP_WORKER_TEXT_STRING_TRIE_H_
#define PROBESWEEP_WORKER_TEXT_STRING_TRIE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace probesweep::worker {

class StringTrie {
 public:
  struct Match {
    size_t length = 0;  // bytes
    int64_t value = 0;
  };

  // False, and nothing changed, when `key` is empty or already there.
  bool Insert(absl::string_view key, int64_t value);
  // The longest key that `text` begins with.
  std::optional<Match> LongestPrefix(absl::string_view text) const;

 private:
  static uint64_t Edge(uint32_t node, char byte) {
    return (uint64_t{node} << 8) | static_cast<uint8_t>(byte);
  }

  std::array<bool, 256> first_bytes_{};  // spares most places a look-up
  absl::flat_hash_map<uint64_t, uint32_t> edges_;
  absl::flat_hash_map<uint32_t, int64_t> values_;  // by node
  uint32_t nodes_ = 1;                             // 0 is the root
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_STRING_TRIE_H_
