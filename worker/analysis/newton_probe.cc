#include "worker/analysis/newton_probe.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "worker/analysis/newton_form.h"

namespace probesweep::worker {
namespace {

constexpr double kTolerance = 1e-8;          // of the gradient's largest entry, per row and unit of c
constexpr double kRelativeTolerance = 1e-6;  // of the gradient's norm, to the weights'
constexpr int kMaxIterations = 100;
constexpr int kMaxHalvings = 50;
constexpr double kArmijo = 1e-4;
// Up to this many rows or features the factor of a dense step costs less than many products.
constexpr int64_t kLargestDense = 1024;

double Loss(const at::Tensor& logits, const at::Tensor& labels) {
  return (at::softplus(logits) - labels * logits).sum().item<double>();
}

class Newton {
 public:
  Newton(const at::Tensor& x, const at::Tensor& labels, double c, const NewtonForm& form)
      : x_(x), labels_(labels), c_(c), form_(form) {}

  absl::StatusOr<Probe> Minimise() const {
    NewtonPoint point = Evaluate(form_.Zero(), 0);
    const double tolerance = kTolerance * static_cast<double>(x_.size(0)) * std::min(1.0, c_);
    double best = std::numeric_limits<double>::infinity();
    for (int iteration = 0;; ++iteration) {
      Differentiate(point);
      const double largest = LargestGradient(point);
      const bool at_optimum = largest <= tolerance;
      // The Hessian is at least 1 along the weights, so their error is at most the gradient. Rounding may
      // keep it from falling that far.
      const double exact = kRelativeTolerance * point.weights.norm().item<double>();
      if (at_optimum && (point.gradient.norm().item<double>() <= exact || largest > best / 2)) {
        return Probe{point.weights, point.intercept, iteration};
      }
      best = std::min(best, largest);
      point.goal = std::min(tolerance, exact);
      if (iteration < kMaxIterations && Advance(form_.Step(point), point)) continue;
      if (at_optimum) return Probe{point.weights, point.intercept, iteration};
      return absl::InternalError(absl::StrCat("the probe did not converge: largest gradient entry ", largest,
                                              " on ", x_.size(0), " rows and ", x_.size(1), " features"));
    }
  }

 private:
  NewtonPoint Evaluate(at::Tensor coefficients, double intercept) const {
    NewtonPoint point;
    point.weights = form_.Weights(coefficients);
    point.coefficients = std::move(coefficients);
    point.logits = at::mv(x_, point.weights) + intercept;
    point.intercept = intercept;
    point.objective = c_ * Loss(point.logits, labels_) + point.weights.dot(point.weights).item<double>() / 2;
    return point;
  }

  void Differentiate(NewtonPoint& point) const {
    const at::Tensor probability = at::sigmoid(point.logits);
    point.residual = (probability - labels_) * c_;
    point.curvature = probability * (1.0 - probability) * c_;
    point.gradient = at::mv(x_.t(), point.residual) + point.weights;
    point.intercept_gradient = point.residual.sum().item<double>();
  }

  static double LargestGradient(const NewtonPoint& point) {
    return std::max(point.gradient.abs().max().item<double>(), std::abs(point.intercept_gradient));
  }

  // Backtracks along the step until the objective falls enough. False when no step does.
  bool Advance(const NewtonStep& step, NewtonPoint& point) const {
    const double slope = point.gradient.dot(form_.Weights(step.coefficients)).item<double>() +
                         point.intercept_gradient * step.intercept;
    double length = 1;
    for (int halving = 0; halving < kMaxHalvings; ++halving, length /= 2) {
      NewtonPoint next = Evaluate(point.coefficients + length * step.coefficients,
                                  point.intercept + length * step.intercept);
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
  const NewtonForm& form_;
};

}  // namespace

absl::StatusOr<Probe> FitExactProbe(const at::Tensor& features, const at::Tensor& labels, double c) {
  if (std::min(features.size(0), features.size(1)) > kLargestDense) {
    auto probe = Newton(features, labels, c, *TruncatedNewtonForm(features)).Minimise();
    if (probe.ok()) return probe;
  }
  return Newton(features, labels, c, *DenseNewtonForm(features)).Minimise();
}

}  // namespace probesweep::worker
