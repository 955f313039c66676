#include <ATen/ATen.h>

#include <tuple>

#include "worker/analysis/newton_form.h"

namespace probesweep::worker {
namespace {

at::Tensor Solve(const at::Tensor& matrix, const at::Tensor& right) {
  const at::Tensor factor = std::get<0>(at::linalg_cholesky_ex(matrix));
  return at::cholesky_solve(right.dim() == 1 ? right.unsqueeze(1) : right, factor);
}

class Primal : public NewtonForm {
 public:
  explicit Primal(const at::Tensor& x) : wide_(at::cat({x, at::ones({x.size(0), 1}, x.options())}, 1)) {}

  at::Tensor Zero() const override { return at::zeros({wide_.size(1) - 1}, wide_.options()); }
  at::Tensor Weights(const at::Tensor& w) const override { return w; }

  NewtonStep Step(const NewtonPoint& at) const override {
    const int64_t d = wide_.size(1) - 1;
    // (X̃ᵀ D X̃ + diag(1, …, 1, 0)) δ = −g, with a column of ones for the intercept.
    at::Tensor hessian = at::mm((wide_ * at.curvature.unsqueeze(1)).t(), wide_);
    hessian.diagonal().narrow(0, 0, d).add_(1.0);
    const at::Tensor gradient =
        at::cat({at.gradient, at::full({1}, at.intercept_gradient, at.gradient.options())});
    const at::Tensor step = Solve(hessian, gradient.neg()).squeeze(1);
    return {step.narrow(0, 0, d).clone(), step[d].item<double>()};
  }

 private:
  const at::Tensor wide_;  // [rows, features + 1]
};

class Dual : public NewtonForm {
 public:
  explicit Dual(const at::Tensor& x) : x_(x), gram_(at::mm(x, x.t())) {}

  at::Tensor Zero() const override { return at::zeros({x_.size(0)}, x_.options()); }
  at::Tensor Weights(const at::Tensor& alpha) const override { return at::mv(x_.t(), alpha); }

  NewtonStep Step(const NewtonPoint& at) const override {
    // Newton's next point solves (G + D⁻¹) α' + b' 1 = z − D⁻¹ residual, 1ᵀα' = 0. With S = D^½ and
    // B = I + S G S (Rasmussen & Williams 2006, alg. 3.1) no D⁻¹ of a vanishing curvature is needed:
    // (G + D⁻¹)⁻¹ = S B⁻¹ S.
    const at::Tensor root = at.curvature.clamp_min(1e-300).sqrt();
    at::Tensor matrix = gram_ * root.unsqueeze(1) * root.unsqueeze(0);
    matrix.diagonal().add_(1.0);
    const at::Tensor target = root * at.logits - at.residual / root;
    const at::Tensor solved = Solve(matrix, at::stack({target, root}, 1));
    const at::Tensor of_target = root * solved.select(1, 0);
    const at::Tensor of_ones = root * solved.select(1, 1);
    const double intercept = of_target.sum().item<double>() / of_ones.sum().item<double>();
    return {of_target - intercept * of_ones - at.coefficients, intercept - at.intercept};
  }

 private:
  const at::Tensor x_;     // [rows, features]
  const at::Tensor gram_;  // X Xᵀ [rows, rows]
};

}  // namespace

std::unique_ptr<NewtonForm> DenseNewtonForm(const at::Tensor& x) {
  if (x.size(0) > x.size(1)) return std::make_unique<Primal>(x);
  return std::make_unique<Dual>(x);
}

}  // namespace probesweep::worker
