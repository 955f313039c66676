#include "worker/model/key_value_cache.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

namespace probesweep::worker {
namespace {

// `room` with its first `tokens` tokens, and space for `capacity`.
at::Tensor Grown(const at::Tensor& room, int64_t tokens, int64_t capacity, const at::Tensor& like) {
  at::Tensor grown = at::empty({1, like.size(1), capacity, like.size(3)}, like.options());
  if (tokens > 0) grown.narrow(2, 0, tokens).copy_(room.narrow(2, 0, tokens));
  return grown;
}

}  // namespace

KeysAndValues KeyValueCache::Append(size_t statement, const at::Tensor& keys, const at::Tensor& values) {
  Statement& known = statements_[statement];
  const int64_t added = keys.size(2);
  const int64_t tokens = known.tokens + added;
  const int64_t capacity = known.room.keys.defined() ? known.room.keys.size(2) : 0;
  if (tokens > capacity) {
    constexpr int64_t kLeast = 32;
    const int64_t wanted = std::max({tokens, 2 * capacity, kLeast});
    known.room.keys = Grown(known.room.keys, known.tokens, wanted, keys);
    known.room.values = Grown(known.room.values, known.tokens, wanted, values);
  }
  known.room.keys.narrow(2, known.tokens, added).copy_(keys);
  known.room.values.narrow(2, known.tokens, added).copy_(values);
  known.tokens = tokens;
  return {known.room.keys.narrow(2, 0, tokens), known.room.values.narrow(2, 0, tokens)};
}

void KeyValueCache::Keep(const std::vector<size_t>& statements) {
  std::vector<Statement> kept;
  for (const size_t statement : statements) kept.push_back(std::move(statements_[statement]));
  statements_ = std::move(kept);
}

}  // namespace probesweep::worker
