#include "worker/text/word_cache.h"

namespace probesweep::worker {

bool WordCache::Append(absl::string_view word, std::vector<int64_t>* ids) const {
  if (word.size() > kMaxWordBytes) return false;
  absl::ReaderMutexLock lock(&mutex_);
  const auto found = words_.find(word);
  if (found == words_.end()) return false;
  ids->insert(ids->end(), found->second.begin(), found->second.end());
  return true;
}

void WordCache::Insert(absl::string_view word, const std::vector<TokenId>& ids) {
  if (word.size() > kMaxWordBytes) return;
  absl::MutexLock lock(&mutex_);
  if (words_.size() < kMaxWords) words_.try_emplace(std::string(word), ids);
}

}  // namespace probesweep::worker
