#include "worker/analysis/logistic_probe.h"

#include <ATen/ATen.h>

#include <tuple>

#include "absl/strings/str_cat.h"

namespace probesweep::worker {
namespace {

constexpr double kTolerance = 1e-8;  // of the gradient's largest entry, per row
constexpr int kMaxIterations = 100;
constexpr int kMaxHalvings = 50;
constexpr double kArmijo = 1e-4;

double Loss(const at::Tensor& logits, const at::Tensor& labels) {
  return (at::softplus(logits) - labels * logits).sum().item<double>();
}

// A point of the optimisation, in the primal (w) or the dual (α, with w = Xᵀα).
struct Point {
  at::Tensor coefficients;  // w [features], or α [rows]
  at::Tensor linear;        // X w [rows]: the logits without the intercept
  double intercept = 0;
  double norm = 0;  // ‖w‖²
  double objective = 0;

  at::Tensor logits() const { return linear + intercept; }
};

// How the two forms differ: what a coefficient vector means, and which step Newton takes.
class Form {
 public:
  virtual ~Form() = default;
  virtual at::Tensor Zero() const = 0;
  virtual at::Tensor Linear(const at::Tensor& coefficients) const = 0;  // X w
  virtual double SquaredNorm(const at::Tensor& coefficients, const at::Tensor& linear) const = 0;
  virtual at::Tensor Weights(const at::Tensor& coefficients) const = 0;  // w
  // The change of coefficients and intercept. `residual` = c (p − y), `curvature` = c p (1 − p), both [rows].
  virtual std::pair<at::Tensor, double> Step(const Point& at, const at::Tensor& residual,
                                             const at::Tensor& curvature) const = 0;
};

at::Tensor Solve(const at::Tensor& matrix, const at::Tensor& right) {
  const at::Tensor factor = std::get<0>(at::linalg_cholesky_ex(matrix));
  return at::cholesky_solve(right.dim() == 1 ? right.unsqueeze(1) : right, factor);
}

class Primal : public Form {
 public:
  explicit Primal(const at::Tensor& x)
      : x_(x), wide_(at::cat({x, at::ones({x.size(0), 1}, at::kDouble)}, 1)) {}

  at::Tensor Zero() const override { return at::zeros({x_.size(1)}, at::kDouble); }
  at::Tensor Linear(const at::Tensor& w) const override { return at::mv(x_, w); }
  double SquaredNorm(const at::Tensor& w, const at::Tensor&) const override {
    return w.dot(w).item<double>();
  }
  at::Tensor Weights(const at::Tensor& w) const override { return w; }

  std::pair<at::Tensor, double> Step(const Point& at, const at::Tensor& residual,
                                     const at::Tensor& curvature) const override {
    const int64_t d = x_.size(1);
    // (X̃ᵀ D X̃ + diag(1, …, 1, 0)) δ = −g, with a column of ones for the intercept.
    at::Tensor hessian = at::mm((wide_ * curvature.unsqueeze(1)).t(), wide_);
    hessian.diagonal().narrow(0, 0, d).add_(1.0);
    at::Tensor gradient = at::mv(wide_.t(), residual);
    gradient.narrow(0, 0, d).add_(at.coefficients);
    const at::Tensor step = Solve(hessian, gradient.neg()).squeeze(1);
    return {step.narrow(0, 0, d).clone(), step[d].item<double>()};
  }

 private:
  const at::Tensor x_;     // [rows, features]
  const at::Tensor wide_;  // [rows, features + 1]
};

class Dual : public Form {
 public:
  explicit Dual(const at::Tensor& x) : x_(x), gram_(at::mm(x, x.t())) {}

  at::Tensor Zero() const override { return at::zeros({x_.size(0)}, at::kDouble); }
  at::Tensor Linear(const at::Tensor& alpha) const override { return at::mv(gram_, alpha); }
  double SquaredNorm(const at::Tensor& alpha, const at::Tensor& linear) const override {
    return alpha.dot(linear).item<double>();
  }
  at::Tensor Weights(const at::Tensor& alpha) const override { return at::mv(x_.t(), alpha); }

  std::pair<at::Tensor, double> Step(const Point& at, const at::Tensor& residual,
                                     const at::Tensor& curvature) const override {
    // Newton's next point solves (G + D⁻¹) α' + b' 1 = z − D⁻¹ residual, 1ᵀα' = 0. With S = D^½ and
    // B = I + S G S (Rasmussen & Williams 2006, alg. 3.1) no D⁻¹ of a vanishing curvature is needed:
    // (G + D⁻¹)⁻¹ = S B⁻¹ S.
    const at::Tensor root = curvature.clamp_min(1e-300).sqrt();
    at::Tensor matrix = gram_ * root.unsqueeze(1) * root.unsqueeze(0);
    matrix.diagonal().add_(1.0);
    const at::Tensor target = root * at.logits() - residual / root;
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

class Newton {
 public:
  Newton(const at::Tensor& x, const at::Tensor& labels, double c, const Form& form)
      : x_(x), labels_(labels), c_(c), form_(form) {}

  absl::StatusOr<Probe> Minimise() const {
    Point point = Evaluate(form_.Zero(), 0);
    const double rows = static_cast<double>(x_.size(0));
    double largest = 0;
    for (int iteration = 0; iteration <= kMaxIterations; ++iteration) {
      const at::Tensor probability = at::sigmoid(point.logits());
      const at::Tensor residual = (probability - labels_) * c_;
      largest = LargestGradient(point, residual);
      if (largest <= kTolerance * rows) {
        return Probe{form_.Weights(point.coefficients), point.intercept, iteration};
      }
      const at::Tensor curvature = probability * (1.0 - probability) * c_;
      const auto [step, intercept_step] = form_.Step(point, residual, curvature);
      if (!Advance(step, intercept_step, residual, point)) break;
    }
    return absl::InternalError(absl::StrCat("the probe did not converge: largest gradient entry ", largest,
                                            " on ", x_.size(0), " rows and ", x_.size(1), " features"));
  }

 private:
  Point Evaluate(at::Tensor coefficients, double intercept) const {
    Point point;
    point.linear = form_.Linear(coefficients);
    point.coefficients = std::move(coefficients);
    point.intercept = intercept;
    point.norm = form_.SquaredNorm(point.coefficients, point.linear);
    point.objective = c_ * Loss(point.logits(), labels_) + point.norm / 2;
    return point;
  }

  double LargestGradient(const Point& point, const at::Tensor& residual) const {
    const at::Tensor gradient = at::mv(x_.t(), residual) + form_.Weights(point.coefficients);
    return std::max(gradient.abs().max().item<double>(), std::abs(residual.sum().item<double>()));
  }

  // Backtracks along the step until the objective falls enough. False when no step does.
  bool Advance(const at::Tensor& step, double intercept_step, const at::Tensor& residual,
               Point& point) const {
    const at::Tensor linear_step = form_.Linear(step);
    const double slope = residual.dot(linear_step + intercept_step).item<double>() +
                         form_.Weights(point.coefficients).dot(form_.Weights(step)).item<double>();
    double length = 1;
    for (int halving = 0; halving < kMaxHalvings; ++halving, length /= 2) {
      Point next = Evaluate(point.coefficients + length * step, point.intercept + length * intercept_step);
      // Near the optimum the fall is lost in rounding: equal counts as fallen.
      const double allowed = point.objective + kArmijo * length * slope + 1e-14 * std::abs(point.objective);
      if (!(next.objective <= allowed)) continue;
      point = std::move(next);
      return true;
    }
    return false;
  }

  const at::Tensor x_;
  const at::Tensor labels_;
  const double c_;
  const Form& form_;
};

}  // namespace

at::Tensor Probe::Logits(const at::Tensor& features) const { return at::mv(features, weights) + intercept; }

absl::StatusOr<Probe> FitLogisticProbe(const at::Tensor& features, const at::Tensor& labels, double c) {
  if (features.size(0) > features.size(1)) {
    const Primal form(features);
    return Newton(features, labels, c, form).Minimise();
  }
  const Dual form(features);
  return Newton(features, labels, c, form).Minimise();
}

}  // namespace probesweep::worker
