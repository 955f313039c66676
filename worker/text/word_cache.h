// Words already encoded. Statements repeat their words: most of the work is a look-up here.
#ifndef PROBESWEEP_WORKER_TEXT_WORD_CACHE_H_
#define PROBESWEEP_WORKER_TEXT_WORD_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "worker/text/bpe_merge.h"

namespace probesweep::worker {

// Keeps the first words that it sees until full. Thread-safe.
class WordCache {
 public:
  // Appends the ids of `word`; false, and nothing appended, when it is not here.
  bool Append(absl::string_view word, std::vector<int64_t>* ids) const;
  void Insert(absl::string_view word, const std::vector<TokenId>& ids);

 private:
  static constexpr size_t kMaxWords = 1 << 16;  // some 8 MB
  static constexpr size_t kMaxWordBytes = 256;  // longer ones do not come back

  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::vector<TokenId>> words_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_WORD_CACHE_H_
