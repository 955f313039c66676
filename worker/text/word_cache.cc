#include "worker/text/word_cache.h"

namespace probesweep::worker {

bool WordCache::Append(absl::string_view word, std::vector<int64_t>* ids) const {
  if (word.size() > kMaxWordBytes) return false;
  const auto found = words_.find(word);
  if (found == words_.end()) return false;
  ids->insert(ids->end(), found->second.begin(), found->second.end());
  return true;
}

void WordCache::Insert(absl::string_view word, const std::vector<TokenId>& ids) {
  if (word.size() > kMaxWordBytes || words_.size() >= kMaxWords) return;
  words_.try_emplace(std::string(word), ids);
}

std::unique_ptr<WordCache> WordCaches::Take() {
  absl::MutexLock lock(&mutex_);
  if (idle_.empty()) return std::make_unique<WordCache>();
  std::unique_ptr<WordCache> cache = std::move(idle_.back());
  idle_.pop_back();
  return cache;
}

void WordCaches::Return(std::unique_ptr<WordCache> cache) {
  absl::MutexLock lock(&mutex_);
  idle_.push_back(std::move(cache));
}

}  // namespace probesweep::worker
