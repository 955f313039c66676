#include "worker/model/sparse_experts.h"

#include <ATen/ATen.h>

#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status.h"

namespace probesweep::worker {

absl::StatusOr<SparseExperts> SparseExperts::Load(WeightSource& weights, const std::string& prefix,
                                                  const SparseExpertsOptions& options,
                                                  const GatedMlpOptions& expert) {
  SparseExperts loaded(options);
  PS_ASSIGN_OR_RETURN(loaded.router_,
                      LoadLinear(weights, prefix + "gate", options.experts, expert.hidden, Bias::kNone));
  for (int64_t i = 0; i < options.experts; ++i) {
    PS_ASSIGN_OR_RETURN(GatedMlp mlp, LoadGatedMlp(weights, absl::StrCat(prefix, "experts.", i, "."), expert,
                                                   options.expert_names));
    loaded.experts_.push_back(std::move(mlp));
  }
  return loaded;
}

at::Tensor SparseExperts::operator()(const at::Tensor& x) const {
  auto [shares, chosen] = at::topk(at::softmax(router_(x), -1), options_.chosen);  // [tokens, chosen]
  if (options_.normalised) shares.div_(shares.sum(-1, /*keepdim=*/true));
  at::Tensor sum = at::zeros_like(x);
  for (size_t i = 0; i < experts_.size(); ++i) {
    const at::Tensor hits = at::nonzero(chosen.eq(static_cast<int64_t>(i)));  // [hits, 2]: token, place
    if (hits.size(0) == 0) continue;
    const at::Tensor tokens = hits.select(1, 0);
    const at::Tensor weights = at::index(shares, {tokens, hits.select(1, 1)}).unsqueeze(1);
    sum.index_add_(0, tokens, experts_[i](x.index_select(0, tokens)).mul_(weights));
  }
  return sum;
}

absl::Status ReadExperts(const ConfigFile& file, ConfigFile::Spellings number, int64_t chosen_otherwise,
                         SparseExpertsOptions& options) {
  PS_ASSIGN_OR_RETURN(options.experts, file.Size(number));
  options.chosen = chosen_otherwise;
  const char* const chosen = "num_experts_per_tok";
  if (file.Has({chosen})) {
    PS_ASSIGN_OR_RETURN(options.chosen, file.Size({chosen}));
  }
  if (options.chosen <= options.experts) return absl::OkStatus();
  return file.Invalid(chosen, absl::StrCat("is ", options.chosen, ", more than the ", options.experts,
                                           " experts of `", *number.begin(), "`"));
}

std::map<std::string, StoredPart> StackedExperts(const SparseExpertsOptions& options, int64_t layers,
                                                 const GatedMlpOptions& expert) {
  std::map<std::string, StoredPart> parts;
  for (int64_t layer = 0; layer < layers; ++layer) {
    const std::string block = absl::StrCat("model.layers.", layer, ".");
    const std::string name = absl::StrCat(block, options.name, ".");
    const std::string stack = block + "mlp.experts.";
    parts[name + "gate.weight"] = {block + "mlp.gate.weight"};
    for (int64_t i = 0; i < options.experts; ++i) {
      const std::string own = absl::StrCat(name, "experts.", i, ".");
      const int64_t rows = expert.intermediate;
      parts[absl::StrCat(own, options.expert_names.gate, ".weight")] = {stack + "gate_up_proj", 2 * i * rows,
                                                                        rows};
      parts[absl::StrCat(own, options.expert_names.up, ".weight")] = {stack + "gate_up_proj",
                                                                      (2 * i + 1) * rows, rows};
      parts[absl::StrCat(own, options.expert_names.down, ".weight")] = {stack + "down_proj",
                                                                        i * expert.hidden, expert.hidden};
    }
  }
  return parts;
}

}  // namespace probesweep::worker
