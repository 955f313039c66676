#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <tuple>

#include "worker/analysis/newton_form.h"

namespace probesweep::worker {
namespace {

constexpr int64_t kSketch = 384;             // directions that the preconditioner treats exactly
constexpr int64_t kBlockElements = 1 << 19;  // of X, which stay in the cache between X v and Xᵀ (X v)
constexpr int kMaxSteps = 200;               // of conjugate gradients, for one step of Newton's
constexpr double kCoarsest = 0.5;            // a step's error relative to it, far from the optimum …
constexpr double kFinest = 1e-3;             // … and near to it

constexpr double kBelowGoal = 0.3;  // what suffices of the gradient, with room for curvature that moves

// Signs from a generator whose bits the standard fixes.
at::Tensor RandomSigns(int64_t rows, int64_t columns) {
  std::mt19937_64 random(1);
  at::Tensor signs = at::empty({rows, columns}, at::kFloat);
  float* values = signs.data_ptr<float>();
  for (int64_t i = 0; i < rows * columns; ++i) values[i] = (random() >> 63) != 0 ? 1.0F : -1.0F;
  return signs;
}

// Orthonormal directions [features, sketch] near to those in which the rows of `x` spread most.
at::Tensor StrongDirections(const at::Tensor& x) {
  const int64_t count = std::min({kSketch, x.size(0) / 4, x.size(1) / 4});
  const at::Tensor signs = RandomSigns(x.size(1), count).to(x.device());
  return std::get<0>(at::linalg_qr(at::mm(x.t(), at::mm(x, signs)))).contiguous();
}

// A direction or a gradient: weights and intercept.
struct Pair {
  at::Tensor weights;  // fp32 [features]
  double intercept = 0;

  double Dot(const Pair& other) const {
    return weights.dot(other.weights).item<double>() + intercept * other.intercept;
  }
  double Norm() const { return std::hypot(weights.norm().item<double>(), intercept); }
  void Add(double factor, const Pair& other) {
    weights.add_(other.weights, factor);
    intercept += factor * other.intercept;
  }
};

// The matrix of a step, H = [X 1]ᵀ D [X 1] + diag(1, …, 1, 0), and an approximate inverse of it.
// Representations have a few strong directions, which make H ill-conditioned. In their span U, and for the
// intercept, the approximation is the inverse of H's own block; off it, that of H's mean there.
class Truncated : public NewtonForm {
 public:
  explicit Truncated(const at::Tensor& x)
      : options_(x.options()), x_(x.to(at::kFloat).contiguous()), directions_(StrongDirections(x_)) {
    const at::Tensor inside = at::mm(x_, directions_);
    // The squares of what `directions_` leave of each row, without a copy of X.
    outside_ = (x_.norm(2, 1).square() - inside.norm(2, 1).square()).clamp_min(0);
    inside_ = at::cat({inside, at::ones({inside.size(0), 1}, inside.options())}, 1);
  }

  at::Tensor Zero() const override { return at::zeros({x_.size(1)}, options_); }
  at::Tensor Weights(const at::Tensor& w) const override { return w; }

  NewtonStep Step(const NewtonPoint& at) const override {
    const Hessian hessian(*this, at.curvature.to(at::kFloat));
    Pair residual{at.gradient.neg().to(at::kFloat), -at.intercept_gradient};
    Pair step{at::zeros_like(residual.weights), 0};
    Pair improved = hessian.Approximate(residual);
    Pair direction{improved.weights.clone(), improved.intercept};
    double square = residual.Dot(improved);
    // `square` is about twice the objective's distance from its minimum.
    const double share = std::clamp(std::pow(square / at.objective, 0.25), kFinest, kCoarsest);
    const double enough = square * share * share;
    for (int steps = 0; steps < kMaxSteps; ++steps) {
      const Pair image = hessian.Times(direction);
      const double length = square / direction.Dot(image);
      step.Add(length, direction);
      residual.Add(-length, image);
      improved = hessian.Approximate(residual);
      const double next = residual.Dot(improved);
      if (!(next > enough) || residual.Norm() < kBelowGoal * at.goal) break;
      direction.weights.mul_(next / square).add_(improved.weights);
      direction.intercept = direction.intercept * next / square + improved.intercept;
      square = next;
    }
    return {step.weights.to(at::kDouble), step.intercept};
  }

 private:
  class Hessian {
   public:
    Hessian(const Truncated& form, const at::Tensor& curvature) : form_(form), curvature_(curvature) {
      const int64_t count = form.directions_.size(1);
      at::Tensor block = at::mm((form.inside_ * curvature.unsqueeze(1)).t(), form.inside_).to(at::kDouble);
      block.diagonal().narrow(0, 0, count).add_(1.0);
      factor_ = std::get<0>(at::linalg_cholesky_ex(block));
      const double rest = static_cast<double>(std::max<int64_t>(1, form.x_.size(1) - count));
      mean_outside_ = 1 + curvature.dot(form.outside_).item<double>() / rest;
    }

    Pair Times(const Pair& v) const {
      const at::Tensor& x = form_.x_;
      const int64_t block = std::max<int64_t>(1, kBlockElements / x.size(1));
      Pair image{v.weights.clone(), 0};
      for (int64_t first = 0; first < x.size(0); first += block) {
        const int64_t count = std::min(block, x.size(0) - first);
        const at::Tensor rows = x.narrow(0, first, count);
        const at::Tensor weighted =
            at::mv(rows, v.weights).add_(v.intercept).mul_(curvature_.narrow(0, first, count));
        image.weights.addmv_(rows.t(), weighted);
        image.intercept += weighted.sum().item<double>();
      }
      return image;
    }

    Pair Approximate(const Pair& v) const {
      const int64_t count = form_.directions_.size(1);
      const at::Tensor along = at::mv(form_.directions_.t(), v.weights);
      at::Tensor right = at::empty({count + 1, 1}, along.options().dtype(at::kDouble));
      right.narrow(0, 0, count).select(1, 0).copy_(along);
      right.narrow(0, count, 1).fill_(v.intercept);
      const at::Tensor solved = at::cholesky_solve(right, factor_).select(1, 0);
      const at::Tensor inside = solved.narrow(0, 0, count).to(at::kFloat);
      Pair result{v.weights.div(mean_outside_), solved[count].item<double>()};
      result.weights.addmv_(form_.directions_, inside - along / mean_outside_);
      return result;
    }

   private:
    const Truncated& form_;
    const at::Tensor curvature_;  // fp32 [rows]
    at::Tensor factor_;           // fp64 [sketch + 1, sketch + 1]
    double mean_outside_ = 1;
  };

  const at::TensorOptions options_;
  const at::Tensor x_;           // fp32 [rows, features]
  const at::Tensor directions_;  // fp32 [features, sketch]
  at::Tensor inside_;            // fp32 [rows, sketch + 1]: the rows along `directions_`, and 1
  at::Tensor outside_;           // fp32 [rows]
};

}  // namespace

std::unique_ptr<NewtonForm> TruncatedNewtonForm(const at::Tensor& x) {
  return std::make_unique<Truncated>(x);
}

}  // namespace probesweep::worker
