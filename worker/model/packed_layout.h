// How statements lie in a packed tensor: side by side, without padding.
#ifndef PROBESWEEP_WORKER_MODEL_PACKED_LAYOUT_H_
#define PROBESWEEP_WORKER_MODEL_PACKED_LAYOUT_H_

#include <cstdint>
#include <vector>

namespace probesweep::worker {

// Neighbouring statements of one length: rows that can be seen as [statements, length, …] without a copy.
struct LengthRun {
  int64_t statements = 0;
  int64_t length = 0;  // tokens of each
  int64_t start = 0;   // position of the first of them; those before it are in a KeyValueCache
};

// The rows of a packed tensor [tokens, …], run by run. A token attends to itself and to the tokens before it
// in its statement; positions count from 0 in each statement.
struct PackedLayout {
  std::vector<LengthRun> runs;

  int64_t tokens() const {
    int64_t sum = 0;
    for (const LengthRun& run : runs) sum += run.statements * run.length;
    return sum;
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
