// Tokenized statements laid side by side, ready to be run.
#ifndef PROBESWEEP_WORKER_EXEC_PACK_H_
#define PROBESWEEP_WORKER_EXEC_PACK_H_

#include <cstdint>
#include <vector>

#include "worker/model/packed_layout.h"

namespace probesweep::worker {

// Tokens that a chunk holds: enough for the matrix products to run at full rate, little enough for a chunk's
// activations to stay near the cores. Part of what fixes a result's bits.
inline constexpr int64_t kChunkTokens = 4096;

// The distinct statements of one dimension, sorted by length, cut into chunks. Statements of one token
// sequence share a row. What a statement is computed beside depends on its dimension alone, never on the
// other dimensions of a pass: the same input gives the same bits, whatever a grant holds.
struct Pack {
  std::vector<int64_t> ids;          // of all chunks, in packed order
  std::vector<PackedLayout> chunks;  // run one at a time; whole statements
  std::vector<int64_t> slot;         // statement → its place among the packed statements
  std::vector<int64_t> first_token;  // packed statement → its first row

  int64_t tokens() const { return static_cast<int64_t>(ids.size()); }
};

// `chunk_tokens`: a chunk takes statements up to so many tokens, and at least one. Statements must not be
// empty.
Pack BuildPack(const std::vector<std::vector<int64_t>>& statements, int64_t chunk_tokens);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_EXEC_PACK_H_
