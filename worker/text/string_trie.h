// The longest of many strings that begins at a place of a text.
#ifndef PROBESWEEP_WORKER_TEXT_STRING_TRIE_H_
#define PROBESWEEP_WORKER_TEXT_STRING_TRIE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace probesweep::worker {

// A trie whose edges are strings: memory grows with the number of keys, not with that of their bytes. The
// keys must outlive it.
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
  struct Node {
    absl::string_view label;       // what leads to it from its parent: a part of a key
    std::optional<int64_t> value;  // of the key that ends here
  };

  static uint64_t Edge(uint32_t node, char byte) {
    return (uint64_t{node} << 8) | static_cast<uint8_t>(byte);
  }
  // Puts a node after the first `length` bytes of the label of `node`, and returns it.
  uint32_t Split(uint32_t parent, uint32_t node, size_t length);

  std::array<bool, 256> first_bytes_{};             // spares most places a look-up
  absl::flat_hash_map<uint64_t, uint32_t> edges_;   // by the first byte
  std::vector<Node> nodes_ = std::vector<Node>(1);  // 0 is the root
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_STRING_TRIE_H_
