#include "server/store/blob_collector.h"

#include <string>
#include <unordered_set>
#include <vector>

#include "common/status.h"

namespace probesweep::server {

absl::StatusOr<RemovedBlobs> RemoveUnusedBlobs(Store& store, BlobStore& blobs, absl::Time before,
                                               absl::FunctionRef<bool()> go_on) {
  RemovedBlobs removed;
  PS_ASSIGN_OR_RETURN(const std::vector<std::string> old, blobs.OlderThan(before));
  std::unordered_set<std::string> unused(old.begin(), old.end());
  BlobCursor cursor;
  while (!unused.empty()) {
    if (!go_on()) return removed;
    PS_ASSIGN_OR_RETURN(const std::vector<std::string> page, store.ReferencedBlobs(cursor));
    if (page.empty()) break;
    for (const std::string& digest : page) unused.erase(digest);
  }
  for (const std::string& digest : unused) {
    if (!go_on()) return removed;
    PS_ASSIGN_OR_RETURN(const int64_t bytes, blobs.RemoveIfOlder(digest, before));
    if (bytes < 0) continue;
    ++removed.blobs;
    removed.bytes += bytes;
  }
  return removed;
}

}  // namespace probesweep::server
