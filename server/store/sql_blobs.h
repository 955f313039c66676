// What the store's contents say about blobs.
#ifndef PROBESWEEP_SERVER_STORE_SQL_BLOBS_H_
#define PROBESWEEP_SERVER_STORE_SQL_BLOBS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/ids.h"
#include "server/store/database.h"
#include "server/store/store.h"

namespace probesweep::server {

// As Store::ReferencedBlobs.
absl::StatusOr<std::vector<std::string>> ReadReferencedBlobs(Database& database, BlobCursor& cursor);

// What tells this store from all others for ever: drawn when it is asked for the first time.
absl::StatusOr<std::string> ReadOrMakeIdentity(Database& database, RandomSource& random);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_STORE_SQL_BLOBS_H_
