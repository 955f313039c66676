#include "worker/text/bpe_merge.h"

#include <cstddef>
#include <queue>

namespace probesweep::worker {
namespace {

constexpr uint32_t kNone = UINT32_MAX;

// A doubly linked list over the word's positions: a merge keeps the left position and unlinks the right one.
struct Symbol {
  TokenId id = 0;
  uint32_t previous = kNone;
  uint32_t next = kNone;
  bool alive = true;
};

struct Candidate {
  uint64_t order;  // rank, then position of the left symbol: one comparison
  TokenId left_id;
  TokenId right_id;
  TokenId merged;

  Candidate(const Merge& merge, uint32_t left, TokenId left_token, TokenId right_token)
      : order(uint64_t{merge.rank} << 32 | left),
        left_id(left_token),
        right_id(right_token),
        merged(merge.merged) {}
  uint32_t left() const { return static_cast<uint32_t>(order); }
};

struct GoesLater {
  bool operator()(const Candidate& a, const Candidate& b) const { return a.order > b.order; }
};

class Merger {
 public:
  Merger(const MergeTable& table, const std::vector<TokenId>& word) : table_(table), symbols_(word.size()) {
    const auto size = static_cast<uint32_t>(word.size());
    for (uint32_t i = 0; i < size; ++i) {
      symbols_[i] = {word[i], i == 0 ? kNone : i - 1, i + 1 == size ? kNone : i + 1, true};
    }
    std::vector<Candidate> candidates;
    candidates.reserve(size);
    for (uint32_t i = 0; i + 1 < size; ++i) {
      if (const Merge* merge = table_.Find(word[i], word[i + 1])) {
        candidates.emplace_back(*merge, i, word[i], word[i + 1]);
      }
    }
    candidates_ = Queue(GoesLater(), std::move(candidates));
  }

  void Run() {
    while (!candidates_.empty()) {
      const Candidate best = candidates_.top();
      candidates_.pop();
      if (StillThere(best)) Join(best);
    }
  }

  std::vector<TokenId> Result() const {
    std::vector<TokenId> ids;
    for (const Symbol& symbol : symbols_) {
      if (symbol.alive) ids.push_back(symbol.id);
    }
    return ids;
  }

 private:
  using Queue = std::priority_queue<Candidate, std::vector<Candidate>, GoesLater>;

  // Queues the merge of the symbol at `left` with its right neighbour, when there is one.
  void Propose(uint32_t left) {
    const uint32_t right = symbols_[left].next;
    if (right == kNone) return;
    const TokenId left_id = symbols_[left].id;
    const TokenId right_id = symbols_[right].id;
    const Merge* merge = table_.Find(left_id, right_id);
    if (merge != nullptr) candidates_.emplace(*merge, left, left_id, right_id);
  }

  // Earlier merges may have changed either side since the candidate was queued. As in the original, another
  // pair of the same outcome will do.
  bool StillThere(const Candidate& candidate) const {
    const Symbol& left = symbols_[candidate.left()];
    if (!left.alive || left.next == kNone) return false;
    const TokenId right_id = symbols_[left.next].id;
    if (left.id == candidate.left_id && right_id == candidate.right_id) return true;
    const Merge* merge = table_.Find(left.id, right_id);
    return merge != nullptr && merge->merged == candidate.merged;
  }

  void Join(const Candidate& candidate) {
    Symbol& left = symbols_[candidate.left()];
    Symbol& right = symbols_[left.next];
    left.id = candidate.merged;
    left.next = right.next;
    right.alive = false;
    if (left.next != kNone) symbols_[left.next].previous = candidate.left();
    if (left.previous != kNone) Propose(left.previous);
    Propose(candidate.left());
  }

  const MergeTable& table_;
  std::vector<Symbol> symbols_;
  Queue candidates_;
};

}  // namespace

void ApplyMerges(const MergeTable& table, std::vector<TokenId>* word) {
  if (word->size() < 2) return;
  Merger merger(table, *word);
  merger.Run();
  *word = merger.Result();
}

}  // namespace probesweep::worker
