#include "worker/exec/pack.h"

#include <algorithm>
#include <numeric>

namespace probesweep::worker {
namespace {

using Ids = std::vector<int64_t>;

// Adds a statement of `length` tokens to the last chunk, or to a new one when it is full.
void Place(int64_t length, int64_t chunk_tokens, int64_t& tokens_in_chunk,
           std::vector<PackedLayout>& chunks) {
  if (chunks.empty() || tokens_in_chunk + length > chunk_tokens) {
    chunks.emplace_back();
    tokens_in_chunk = 0;
  }
  std::vector<LengthRun>& runs = chunks.back().runs;
  if (runs.empty() || runs.back().length != length) runs.push_back({0, length});
  ++runs.back().statements;
  tokens_in_chunk += length;
}

}  // namespace

Pack BuildPack(const std::vector<Ids>& statements, int64_t chunk_tokens) {
  // By length, then by tokens: neighbours that are equal share a row, and file order plays no part.
  std::vector<size_t> order(statements.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (statements[a].size() != statements[b].size()) return statements[a].size() < statements[b].size();
    return statements[a] < statements[b];
  });
  Pack pack;
  pack.slot.resize(statements.size());
  int64_t tokens_in_chunk = 0;
  const Ids* previous = nullptr;
  for (const size_t index : order) {
    const Ids& ids = statements[index];
    if (previous == nullptr || *previous != ids) {
      pack.first_token.push_back(pack.tokens());
      pack.ids.insert(pack.ids.end(), ids.begin(), ids.end());
      Place(static_cast<int64_t>(ids.size()), chunk_tokens, tokens_in_chunk, pack.chunks);
      previous = &ids;
    }
    pack.slot[index] = static_cast<int64_t>(pack.first_token.size()) - 1;
  }
  return pack;
}

}  // namespace probesweep::worker
