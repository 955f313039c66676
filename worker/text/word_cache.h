// Words already encoded. Statements repeat their words: most of the work is a look-up here.
#ifndef PROBESWEEP_WORKER_TEXT_WORD_CACHE_H_
#define PROBESWEEP_WORKER_TEXT_WORD_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "worker/text/bpe_merge.h"

namespace probesweep::worker {

// Keeps the first words that it sees until full. For one thread at a time.
class WordCache {
 public:
  // Appends the ids of `word`; false, and nothing appended, when it is not here.
  bool Append(absl::string_view word, std::vector<int64_t>* ids) const;
  void Insert(absl::string_view word, const std::vector<TokenId>& ids);

 private:
  static constexpr size_t kMaxWords = 1 << 16;  // some 8 MB
  static constexpr size_t kMaxWordBytes = 256;  // longer ones do not come back

  absl::flat_hash_map<std::string, std::vector<TokenId>> words_;
};

// One cache for each text that is being encoded: a cache shared by all threads has them wait for one another
// at every word. Thread-safe.
class WordCaches {
 public:
  // A cache, for as long as this lives. `caches` must outlive it.
  class Lease {
   public:
    explicit Lease(WordCaches* caches) : caches_(caches), cache_(caches->Take()) {}
    ~Lease() { caches_->Return(std::move(cache_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    WordCache* get() const { return cache_.get(); }

   private:
    WordCaches* const caches_;
    std::unique_ptr<WordCache> cache_;
  };

 private:
  std::unique_ptr<WordCache> Take();
  void Return(std::unique_ptr<WordCache> cache);

  absl::Mutex mutex_;
  std::vector<std::unique_ptr<WordCache>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_WORD_CACHE_H_
