#include "worker/text/bpe_merge.h"

#include <cstddef>
#include <queue>

namespace probesweep::worker {
namespace {

constexpr size_t kNone = SIZE_MAX;

// A doubly linked list over the word's positions: a merge keeps the left position and unlinks the right one.
struct Symbol {
  TokenId id = 0;
  size_t previous = kNone;
  size_t next = kNone;
  bool alive = true;
};

struct Candidate {
  uint32_t rank;
  size_t left;
  TokenId merged;
};

struct GoesLater {
  bool operator()(const Candidate& a, const Candidate& b) const {
    return a.rank != b.rank ? a.rank > b.rank : a.left > b.left;
  }
};

class Merger {
 public:
  Merger(const MergeTable& table, const std::vector<TokenId>& word) : table_(table), symbols_(word.size()) {
    for (size_t i = 0; i < word.size(); ++i) {
      symbols_[i] = {word[i], i == 0 ? kNone : i - 1, i + 1 == word.size() ? kNone : i + 1, true};
    }
    for (size_t i = 0; i < word.size(); ++i) Propose(i);
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
  // Queues the merge of the symbol at `left` with its right neighbour, when there is one.
  void Propose(size_t left) {
    const size_t right = symbols_[left].next;
    if (right == kNone) return;
    const Merge* merge = table_.Find(symbols_[left].id, symbols_[right].id);
    if (merge != nullptr) candidates_.push({merge->rank, left, merge->merged});
  }

  // Earlier merges may have changed either side since the candidate was queued.
  bool StillThere(const Candidate& candidate) const {
    const Symbol& left = symbols_[candidate.left];
    if (!left.alive || left.next == kNone) return false;
    const Merge* merge = table_.Find(left.id, symbols_[left.next].id);
    return merge != nullptr && merge->merged == candidate.merged;
  }

  void Join(const Candidate& candidate) {
    Symbol& left = symbols_[candidate.left];
    Symbol& right = symbols_[left.next];
    left.id = candidate.merged;
    left.next = right.next;
    right.alive = false;
    if (left.next != kNone) symbols_[left.next].previous = candidate.left;
    if (left.previous != kNone) Propose(left.previous);
    Propose(candidate.left);
  }

  const MergeTable& table_;
  std::vector<Symbol> symbols_;
  std::priority_queue<Candidate, std::vector<Candidate>, GoesLater> candidates_;
};

}  // namespace

void ApplyMerges(const MergeTable& table, std::vector<TokenId>* word) {
  if (word->size() < 2) return;
  Merger merger(table, *word);
  merger.Run();
  *word = merger.Result();
}

}  // namespace probesweep::worker
