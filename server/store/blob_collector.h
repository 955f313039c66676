#ifndef PROBESWEEP_SERVER_STORE_BLOB_COLLECTOR_H_
#define PROBESWEEP_SERVER_STORE_BLOB_COLLECTOR_H_

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/store/blob_store.h"
#include "server/store/store.h"

namespace probesweep::server {

struct RemovedBlobs {
  int64_t blobs = 0, bytes = 0;
};

// Removes the blobs that no sweep's dataset and no outcome's artifact refers to, and that were uploaded
// before `before`: younger ones may belong to a sweep or commit on its way. An error while references are
// read removes nothing. Ends early, with what it has done, once `go_on` is false. Blocks on the store and the
// disk; any thread.
//
// What is referred to while it runs stays: whoever refers to a blob claims it first (BlobStore::Claim), which
// makes it young; and blobs are listed before references are read.
absl::StatusOr<RemovedBlobs> RemoveUnusedBlobs(Store& store, BlobStore& blobs, absl::Time before,
                                               absl::FunctionRef<bool()> go_on);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_STORE_BLOB_COLLECTOR_H_
