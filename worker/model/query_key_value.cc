#include "worker/model/query_key_value.h"

#include <ATen/ATen.h>

#include "common/status.h"

namespace probesweep::worker {
namespace {

absl::StatusOr<Linear> LoadApart(WeightSource& weights, const std::string& prefix, const ModelSizes& sizes,
                                 const QueryKeyValueOptions& options) {
  const auto load = [&](const char* name, int64_t heads) {
    return options.load(weights, prefix + name, heads * sizes.head_dim, sizes.hidden, options.bias);
  };
  PS_ASSIGN_OR_RETURN(const Linear query, load("q_proj", sizes.heads));
  PS_ASSIGN_OR_RETURN(const Linear key, load("k_proj", sizes.key_value_heads));
  PS_ASSIGN_OR_RETURN(const Linear value, load("v_proj", sizes.key_value_heads));
  Linear all;
  all.weight = at::cat({query.weight, key.weight, value.weight});
  if (query.bias.defined()) all.bias = at::cat({query.bias, key.bias, value.bias});
  return all;
}

// Brings rows that are grouped by key and value head into the order of kStacked.
at::Tensor Ungrouped(const at::Tensor& rows, const ModelSizes& sizes) {
  const int64_t queries = sizes.heads / sizes.key_value_heads;
  // [key_value_heads, queries + 2, head_dim, in or 1]
  const at::Tensor groups = rows.reshape({sizes.key_value_heads, queries + 2, sizes.head_dim, -1});
  const auto part = [&](int64_t first, int64_t count) {
    return groups.narrow(1, first, count).reshape({-1, groups.size(3)});
  };
  return at::cat({part(0, queries), part(queries, 1), part(queries + 1, 1)}).view(rows.sizes());
}

}  // namespace

absl::StatusOr<Linear> LoadQueryKeyValue(WeightSource& weights, const std::string& prefix,
                                         const ModelSizes& sizes, const QueryKeyValueOptions& options) {
  if (options.form == QueryKeyValueForm::kApart) return LoadApart(weights, prefix, sizes, options);
  const int64_t rows = (sizes.heads + 2 * sizes.key_value_heads) * sizes.head_dim;
  PS_ASSIGN_OR_RETURN(Linear all,
                      options.load(weights, prefix + options.name, rows, sizes.hidden, options.bias));
  if (options.form == QueryKeyValueForm::kStacked) return all;
  all.weight = Ungrouped(all.weight, sizes);
  if (all.bias.defined()) all.bias = Ungrouped(all.bias, sizes);
  return all;
}

}  // namespace probesweep::worker
