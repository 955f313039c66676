#include "worker/analysis/dependence.h"

#include <ATen/ATen.h>

#include <cmath>

namespace probesweep::worker {
namespace {

// What a sum may miss of its terms.
constexpr double kRounding = 1e-12;

// Sums over one symmetric kernel matrix.
struct KernelSums {
  at::Tensor rows;      // [m]: sum of each row, without the diagonal
  at::Tensor diagonal;  // [m]
  double squares = 0;   // of the entries off the diagonal
};

// Sums over two kernel matrices of the same rows.
struct PairSums {
  KernelSums x, t;
  double products = 0;  // Σ K∘L off the diagonal
};

KernelSums NoSums(int64_t rows) { return {at::zeros({rows}, at::kDouble), at::zeros({rows}, at::kDouble)}; }

// Adds rows [begin, end) of a kernel matrix, given up to the diagonal, and what mirrors them. `block` is set
// to 0 on and right of the diagonal.
void AddBlock(const at::Tensor& block, int64_t begin, int64_t end, KernelSums& sums) {
  const at::Tensor own = block.narrow(1, begin, end - begin);
  sums.diagonal.narrow(0, begin, end - begin).copy_(own.diagonal());
  own.tril_(-1);
  sums.rows.narrow(0, begin, end - begin).add_(block.sum(1));
  sums.rows.narrow(0, 0, end).add_(block.sum(0));
  sums.squares += 2 * block.square().sum().item<double>();
}

PairSums Sum(const KernelRows& x, const KernelRows& t) {
  PairSums sums{NoSums(x.rows()), NoSums(x.rows())};
  ForEachRowBlock(x.rows(), [&](int64_t begin, int64_t end) {
    const at::Tensor x_block = at::empty({end - begin, end}, at::kDouble);
    const at::Tensor t_block = at::empty({end - begin, end}, at::kDouble);
    x.Fill(begin, end, x_block);
    t.Fill(begin, end, t_block);
    AddBlock(x_block, begin, end, sums.x);
    AddBlock(t_block, begin, end, sums.t);
    sums.products += 2 * (x_block * t_block).sum().item<double>();
  });
  return sums;
}

// tr(K H L H) = Σ K∘L − 2/m (K1)·(L1) + 1ᵀK1 1ᵀL1 / m².
double CentredInner(const PairSums& sums, double rows) {
  const at::Tensor x_rows = sums.x.rows + sums.x.diagonal;
  const at::Tensor t_rows = sums.t.rows + sums.t.diagonal;
  const double products = sums.products + sums.x.diagonal.dot(sums.t.diagonal).item<double>();
  const double crossed = x_rows.dot(t_rows).item<double>();
  const double totals = x_rows.sum().item<double>() * t_rows.sum().item<double>();
  return products - 2 * crossed / rows + totals / (rows * rows);
}

// HSIC₁ times m (m − 3), which a ratio does not need.
double Unbiased(double products, const at::Tensor& x_rows, const at::Tensor& t_rows) {
  const double rows = static_cast<double>(x_rows.size(0));
  const double totals = x_rows.sum().item<double>() * t_rows.sum().item<double>();
  return products + totals / ((rows - 1) * (rows - 2)) - 2 / (rows - 2) * x_rows.dot(t_rows).item<double>();
}

}  // namespace

double BiasedHsic(const at::Tensor& x, const at::Tensor& t, KernelKind kernel, const HsicOptions& options) {
  const double rows = static_cast<double>(x.size(0));
  const PairSums sums = Sum({x, kernel, options}, {t, kernel, options});
  return CentredInner(sums, rows) / ((rows - 1) * (rows - 1));
}

double BiasedLabelHsic(const at::Tensor& t, const at::Tensor& labels, KernelKind kernel,
                       const HsicOptions& options) {
  return BiasedHsic(labels.unsqueeze(1), t, kernel, options);
}

std::optional<double> DebiasedCka(const at::Tensor& x, const at::Tensor& t) {
  if (x.size(0) < 4) return std::nullopt;
  const PairSums sums = Sum({x, KernelKind::kLinear, {}}, {t, KernelKind::kLinear, {}});
  const double own_x = Unbiased(sums.x.squares, sums.x.rows, sums.x.rows);
  const double own_t = Unbiased(sums.t.squares, sums.t.rows, sums.t.rows);
  if (!(own_x > kRounding * sums.x.squares && own_t > kRounding * sums.t.squares)) return std::nullopt;
  return Unbiased(sums.products, sums.x.rows, sums.t.rows) / std::sqrt(own_x * own_t);
}

std::optional<double> DebiasedLabelCka(const at::Tensor& t, const at::Tensor& labels) {
  return DebiasedCka(labels.unsqueeze(1), t);
}

}  // namespace probesweep::worker
