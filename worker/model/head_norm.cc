#include "worker/model/head_norm.h"

#include <ATen/ATen.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status.h"

namespace probesweep::worker {

at::Tensor HeadNorm::operator()(const at::Tensor& x) const {
  at::Tensor normed = at::layer_norm(x, {x.size(2)}, {}, {}, epsilon).mul_(weight);
  return bias.defined() ? normed.add_(bias) : normed;
}

absl::StatusOr<HeadNorm> LoadSharedHeadNorm(WeightSource& weights, const std::string& prefix,
                                            int64_t head_dim, double epsilon) {
  HeadNorm norm;
  norm.epsilon = epsilon;
  PS_ASSIGN_OR_RETURN(norm.weight, weights.Read(prefix + ".weight", {head_dim}));
  PS_ASSIGN_OR_RETURN(norm.bias, weights.Read(prefix + ".bias", {head_dim}));
  return norm;
}

absl::StatusOr<HeadNorm> LoadOwnHeadNorms(WeightSource& weights, const std::string& prefix, int64_t heads,
                                          int64_t head_dim, double epsilon) {
  std::vector<at::Tensor> of_heads;
  for (int64_t head = 0; head < heads; ++head) {
    PS_ASSIGN_OR_RETURN(at::Tensor weight,
                        weights.Read(absl::StrCat(prefix, ".norms.", head, ".weight"), {head_dim}));
    of_heads.push_back(std::move(weight));
  }
  HeadNorm norm;
  norm.weight = at::stack(of_heads);
  norm.epsilon = epsilon;
  return norm;
}

}  // namespace probesweep::worker
