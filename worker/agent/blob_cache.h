#ifndef PROBESWEEP_WORKER_AGENT_BLOB_CACHE_H_
#define PROBESWEEP_WORKER_AGENT_BLOB_CACHE_H_

#include <cstdint>
#include <list>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "worker/agent/coordinator_client.h"

namespace probesweep::worker {

// Datasets fetched from the coordinator, kept in memory up to a bound; least recently used go first.
// Used by the agent's thread alone: not thread-safe.
class BlobCache {
 public:
  BlobCache(CoordinatorClient* client, uint64_t max_bytes) : client_(client), max_bytes_(max_bytes) {}

  // Errors: those of CoordinatorClient::FetchBlob.
  absl::StatusOr<std::string> Get(const std::string& digest);

 private:
  CoordinatorClient* const client_;
  const uint64_t max_bytes_;
  uint64_t bytes_ = 0;
  std::list<std::pair<std::string, std::string>> entries_;  // most recently used first
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_AGENT_BLOB_CACHE_H_
