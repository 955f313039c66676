#include "worker/analysis/information_null.h"

#include <ATen/ATen.h>

#include <cmath>
#include <cstdint>
#include <vector>

namespace probesweep::worker {
namespace {

// Orders that give the same information must count as equal though their sums are rounded apart: counting one
// too many is cautious, one too few is not.
double LeastThatCounts(double observed, int64_t rows) {
  return observed - 1e-9 * std::abs(observed) - 1e-13 * static_cast<double>(rows);
}

double ShareAtLeast(int64_t at_least, int64_t permutations) {
  return static_cast<double>(1 + at_least) / static_cast<double>(1 + permutations);
}

// Σ_k row[k] · other[order[k]] for k < count. Four sums, for the next gather need not wait for the last sum.
double GatheredDot(const double* row, const double* other, const int32_t* order, int64_t count) {
  double sums[4] = {0, 0, 0, 0};
  int64_t k = 0;
  for (; k + 4 <= count; k += 4) {
    for (int64_t lane = 0; lane < 4; ++lane) sums[lane] += row[k + lane] * other[order[k + lane]];
  }
  for (; k < count; ++k) sums[0] += row[k] * other[order[k]];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

// ⟨X, P T Pᵀ⟩ = Σ_ij X[i, j] T[π(i), π(j)] of symmetric matrices, for each permutation π: [permutations].
// Row by row of T, so that the gathers of all permutations fall in one row, which stays in the nearest cache.
std::vector<double> PermutedInners(const at::Tensor& x, const at::Tensor& t, const at::Tensor& orders) {
  const int64_t permutations = orders.size(0), rows = orders.size(1);
  const at::Tensor places = orders.argsort(/*dim=*/1, /*descending=*/false).to(at::kInt).contiguous();  // π⁻¹
  const at::Tensor narrow = orders.to(at::kInt).contiguous();  // half the memory to read
  const at::Tensor x_whole = x.contiguous(), t_whole = t.contiguous();
  const double* x_rows = x_whole.data_ptr<double>();
  const double* t_rows = t_whole.data_ptr<double>();
  std::vector<double> inners(static_cast<size_t>(permutations), 0.0);
  for (int64_t t_row = 0; t_row < rows; ++t_row) {
    const double* gathered = t_rows + t_row * rows;
    for (int64_t p = 0; p < permutations; ++p) {
      const int32_t* order = narrow.data_ptr<int32_t>() + p * rows;
      const int64_t x_row = places.data_ptr<int32_t>()[p * rows + t_row];
      const double* row = x_rows + x_row * rows;
      // Left of the diagonal, then mirrored.
      inners[static_cast<size_t>(p)] +=
          2 * GatheredDot(row, gathered, order, x_row) + row[x_row] * gathered[t_row];
    }
  }
  return inners;
}

}  // namespace

NullDistribution LabelInformationNull(const KernelInverse& t, const at::Tensor& permuted_labels,
                                      double observed, const HsicOptions& options) {
  const int64_t permutations = permuted_labels.size(0), rows = permuted_labels.size(1);
  const at::Tensor centred = permuted_labels - permuted_labels.mean(1, /*keepdim=*/true);
  const double squared = centred.select(0, 0).square().sum().item<double>();
  if (squared == 0) return {};  // constant labels: every order is the order observed
  const double a = t.regularisation;
  const double lambda = LabelEigenvalue(permuted_labels.select(0, 0), options);
  const double share = lambda / (lambda + a);
  const at::Tensor projected = (at::mm(centred, t.inverse) * centred).sum(1).div_(squared);
  const at::Tensor informations = projected.mul_(-a).add_(1.0).mul_(share);
  const int64_t at_least = informations.ge(LeastThatCounts(observed, rows)).sum().item<int64_t>();
  return {share * t.EffectiveDimensions() / static_cast<double>(rows - 1),
          ShareAtLeast(at_least, permutations), informations.mean().item<double>()};
}

NullDistribution MutualInformationNull(const KernelInverse& x, const KernelInverse& t,
                                       const at::Tensor& permutations, double observed) {
  const int64_t rows = t.inverse.size(0);
  const double mean =
      rows < 2 ? 0 : x.EffectiveDimensions() * t.EffectiveDimensions() / static_cast<double>(rows - 1);
  const double apart = x.EffectiveDimensions() - t.regularisation * t.trace;
  const double scale = x.regularisation * t.regularisation;
  const double least = LeastThatCounts(observed, rows);
  int64_t at_least = 0;
  double sum = 0;
  for (const double inner : PermutedInners(x.inverse, t.inverse, permutations)) {
    const double information = apart + scale * inner;
    if (information >= least) ++at_least;
    sum += information;
  }
  const int64_t drawn = permutations.size(0);
  return {mean, ShareAtLeast(at_least, drawn), drawn == 0 ? mean : sum / static_cast<double>(drawn)};
}

}  // namespace probesweep::worker
