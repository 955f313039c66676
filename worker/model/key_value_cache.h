// What a block remembers of the tokens that it has seen, so that a statement can be continued.
#ifndef PROBESWEEP_WORKER_MODEL_KEY_VALUE_CACHE_H_
#define PROBESWEEP_WORKER_MODEL_KEY_VALUE_CACHE_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace probesweep::worker {

// Of one statement, rotated already: [1, key_value_heads, tokens, head_dim].
struct KeysAndValues {
  at::Tensor keys, values;
};

// One block's keys and values, statement by statement; each statement has its own length. Not thread-safe.
class KeyValueCache {
 public:
  explicit KeyValueCache(size_t statements) : statements_(statements) {}

  // Adds those of a statement's next tokens. Returns all of the statement, valid until the next call for it.
  KeysAndValues Append(size_t statement, const at::Tensor& keys, const at::Tensor& values);
  // Keeps the statements named, in the order given; each at most once.
  void Keep(const std::vector<size_t>& statements);

  size_t statements() const { return statements_.size(); }

 private:
  struct Statement {
    KeysAndValues room;  // [1, key_value_heads, capacity, head_dim]
    int64_t tokens = 0;
  };
  std::vector<Statement> statements_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_KEY_VALUE_CACHE_H_
