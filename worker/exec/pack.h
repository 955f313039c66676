// Tokenized statements laid side by side, ready to be run.
#ifndef PROBESWEEP_WORKER_EXEC_PACK_H_
#define PROBESWEEP_WORKER_EXEC_PACK_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "worker/model/model.h"
#include "worker/model/packed_layout.h"

namespace probesweep::worker {

// Rows that a chunk of a model holds: enough for the matrix products to run at full rate, little enough for
// a chunk's activations to stay small, 16 MiB for each [rows, hidden]. Part of what fixes a result's bits.
int64_t ChunkRows(int64_t hidden_size);

struct PackOptions {
  int64_t chunk_rows = 4096;  // a chunk takes statements up to so many rows, and at least one statement
  // Whether tokens after the same prefix are one row. Within a chunk only: chunks stay apart.
  bool share_prefixes = true;
  int64_t longest_shareable = 0;  // tokens of the longest statement that shares rows; 0: any number
};

// Those of a pass over the model.
PackOptions PackOptionsFor(const Model& model);

// The distinct statements of one dimension, cut into chunks. Statements of one token sequence are computed
// once. What a statement is computed beside depends on its dimension alone, never on the other dimensions of
// a pass: the same input gives the same bits, whatever a grant holds.
struct Pack {
  std::vector<int64_t> ids;          // of the rows of all chunks
  std::vector<PackedLayout> chunks;  // run one at a time; whole statements
  std::vector<int64_t> slot;         // statement → its place among the packed statements
  std::vector<int64_t> token_rows;   // the packed statements' tokens, side by side → their rows
  std::vector<int64_t> first_token;  // packed statement → its first place in token_rows

  int64_t rows() const { return static_cast<int64_t>(ids.size()); }
  // Of a packed statement's tokens.
  absl::Span<const int64_t> RowsOf(int64_t packed_statement) const;
};

// Statements that share prefixes stand in the order of their tokens, so that those of a chunk share much;
// others by length, then tokens. Statements must not be empty.
Pack BuildPack(const std::vector<std::vector<int64_t>>& statements, const PackOptions& options);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_EXEC_PACK_H_
