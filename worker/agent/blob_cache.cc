#include "worker/agent/blob_cache.h"

#include "common/status.h"

namespace probesweep::worker {

absl::StatusOr<std::string> BlobCache::Get(const std::string& digest) {
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    if (entry->first != digest) continue;
    entries_.splice(entries_.begin(), entries_, entry);
    return entry->second;
  }
  PS_ASSIGN_OR_RETURN(std::string bytes, client_->FetchBlob(digest));
  bytes_ += bytes.size();
  entries_.emplace_front(digest, bytes);
  while (bytes_ > max_bytes_ && entries_.size() > 1) {
    bytes_ -= entries_.back().second.size();
    entries_.pop_back();
  }
  return bytes;
}

}  // namespace probesweep::worker
