// How statements lie in a packed tensor: side by side, without padding.
#ifndef PROBESWEEP_WORKER_MODEL_PACKED_LAYOUT_H_
#define PROBESWEEP_WORKER_MODEL_PACKED_LAYOUT_H_

#include <cstdint>
#include <memory>
#include <vector>

namespace probesweep::worker {

// Neighbouring statements of one length: rows that can be seen as [statements, length, …] without a copy.
struct LengthRun {
  int64_t statements = 0;
  int64_t length = 0;  // tokens of each
  int64_t start = 0;   // position of the first of them; those before it are in a KeyValueCache
};

// Which rows of a packed tensor are which tokens, where statements share those of a common prefix: in a
// causal model a token's state depends on the tokens up to it alone. Tokens are counted through the runs.
struct SharedRows {
  std::vector<int64_t> row_of_token;
  std::vector<int64_t> token_of_row;  // one of those that the row is
  std::vector<int64_t> position_of_row;
  std::vector<int64_t> last_row;  // statement → the row of its last token
};

// The rows of a packed tensor [rows, …]. A token attends to itself and to the tokens before it in its
// statement; positions count from 0 in each statement.
struct PackedLayout {
  std::vector<LengthRun> runs;
  // Null: each token has a row of its own, run by run. Else the statements start at position 0.
  std::shared_ptr<const SharedRows> shared = nullptr;

  int64_t tokens() const {
    int64_t sum = 0;
    for (const LengthRun& run : runs) sum += run.statements * run.length;
    return sum;
  }
  int64_t rows() const {
    return shared == nullptr ? tokens() : static_cast<int64_t>(shared->token_of_row.size());
  }
  int64_t statements() const {
    int64_t sum = 0;
    for (const LengthRun& run : runs) sum += run.statements;
    return sum;
  }
  int64_t longest() const {
    int64_t longest = 0;
    for (const LengthRun& run : runs) longest = run.length > longest ? run.length : longest;
    return longest;
  }
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_PACKED_LAYOUT_H_
