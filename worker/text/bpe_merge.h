// The merging of byte-pair encoding, on ids alone.
#ifndef PROBESWEEP_WORKER_TEXT_BPE_MERGE_H_
#define PROBESWEEP_WORKER_TEXT_BPE_MERGE_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace probesweep::worker {

using TokenId = uint32_t;

struct Merge {
  uint32_t rank = 0;  // lower goes first
  TokenId merged = 0;
};

// Merges by pair of neighbours.
class MergeTable {
 public:
  void Reserve(size_t merges) { merges_.reserve(merges); }
  // A pair given twice has the later rank.
  void Set(TokenId left, TokenId right, Merge merge) { merges_[Key(left, right)] = merge; }
  // Null when the pair does not merge.
  const Merge* Find(TokenId left, TokenId right) const {
    const auto found = merges_.find(Key(left, right));
    return found == merges_.end() ? nullptr : &found->second;
  }

 private:
  static uint64_t Key(TokenId left, TokenId right) { return (uint64_t{left} << 32) | right; }

  absl::flat_hash_map<uint64_t, Merge> merges_;
};

// Merges neighbours in `word`, lowest rank first and leftmost of equals, until none is left: O(n log n).
void ApplyMerges(const MergeTable& table, std::vector<TokenId>* word);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_BPE_MERGE_H_
