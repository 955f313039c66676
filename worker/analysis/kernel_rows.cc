#include "worker/analysis/kernel_rows.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace probesweep::worker {
namespace {

// Wide enough for fast matrix products, narrow enough that little is computed right of the diagonal.
constexpr int64_t kBlockRows = 192;

}  // namespace

KernelRows::KernelRows(const at::Tensor& sample, KernelKind kind, const HsicOptions& options)
    : kind_(kind), centred_(sample - sample.select(0, 0)) {
  // The first row came off before the mean, so that equal rows are exactly 0, whatever the mean rounds to.
  centred_.sub_(centred_.mean(0));
  if (kind == KernelKind::kLinear) return;
  const double features = options.scale_by_dimension ? static_cast<double>(sample.size(1)) : 1;
  centred_.mul_(1 / (options.sigma * std::sqrt(2 * features)));
  squares_ = at::empty({rows()}, at::kDouble);
  ForEachRowBlock(rows(), [this](int64_t begin, int64_t end) {
    squares_.narrow(0, begin, end - begin).copy_(centred_.narrow(0, begin, end - begin).square().sum(1));
  });
}

void KernelRows::Fill(int64_t begin, int64_t end, const at::Tensor& out) const {
  const at::Tensor block = centred_.narrow(0, begin, end - begin);
  at::Tensor target = out;
  at::mm_out(target, block, centred_.narrow(0, 0, end).t());
  if (kind_ == KernelKind::kLinear) return;
  target.mul_(2.0).sub_(squares_.narrow(0, 0, end)).sub_(squares_.narrow(0, begin, end - begin).unsqueeze(1));
  // Rounding must not make a squared distance negative, nor a row differ from itself.
  target.clamp_max_(0.0).expm1_();
  target.narrow(1, begin, end - begin).diagonal().zero_();
}

void ForEachRowBlock(int64_t rows, absl::FunctionRef<void(int64_t begin, int64_t end)> each) {
  for (int64_t begin = 0; begin < rows; begin += kBlockRows) each(begin, std::min(begin + kBlockRows, rows));
}

}  // namespace probesweep::worker
