#include "dataset/sparse_logistic.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace probesweep {
namespace {

using Vector = std::vector<double>;

constexpr double kGradientPerRow = 1e-10;
constexpr int kMaxNewtonSteps = 200;
constexpr int kMaxHalvings = 40;

double Dot(const Vector& a, const Vector& b) {
  double sum = 0.0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

double MaxNorm(const Vector& a) {
  double norm = 0.0;
  for (const double x : a) norm = std::max(norm, std::abs(x));
  return norm;
}

// a += scale · b
void AddScaled(double scale, const Vector& b, Vector* a) {
  for (size_t i = 0; i < a->size(); ++i) (*a)[i] += scale * b[i];
}

// The objective. A point is the weights, then the intercept.
class Objective {
 public:
  Objective(const SparseMatrix& features, const std::vector<int>& labels)
      : features_(features), labels_(labels) {}

  size_t size() const { return features_.column_count + 1; }
  // Sets where value and derivatives are taken.
  void MoveTo(const Vector& point);
  double Value() const;
  Vector Gradient() const;
  Vector HessianTimes(const Vector& direction) const;
  Vector HessianDiagonal() const;

 private:
  // A·w + b
  Vector Linear(const Vector& point) const;
  // (Aᵀ·r, Σ r), plus `penalty`'s weights
  Vector Transposed(const Vector& per_row, const Vector& penalty) const;

  const SparseMatrix& features_;
  const std::vector<int>& labels_;
  Vector point_;
  Vector z_;            // one per row
  Vector probability_;  // of label 1
};

Vector Objective::Linear(const Vector& point) const {
  Vector z = features_.Times(point);
  for (double& value : z) value += point.back();
  return z;
}

Vector Objective::Transposed(const Vector& per_row, const Vector& penalty) const {
  Vector product = features_.TransposedTimes(per_row);
  for (size_t i = 0; i < product.size(); ++i) product[i] += penalty[i];
  double sum = 0.0;
  for (const double value : per_row) sum += value;
  product.push_back(sum);
  return product;
}

void Objective::MoveTo(const Vector& point) {
  point_ = point;
  z_ = Linear(point);
  probability_.resize(z_.size());
  for (size_t i = 0; i < z_.size(); ++i) probability_[i] = 1.0 / (1.0 + std::exp(-z_[i]));
}

double Objective::Value() const {
  double loss = 0.0;
  for (size_t i = 0; i < z_.size(); ++i) {
    loss += std::max(z_[i], 0.0) + std::log1p(std::exp(-std::abs(z_[i]))) - (labels_[i] == 1 ? z_[i] : 0.0);
  }
  return loss + (Dot(point_, point_) - point_.back() * point_.back()) / 2.0;
}

Vector Objective::Gradient() const {
  Vector residual = probability_;
  for (size_t i = 0; i < residual.size(); ++i) residual[i] -= labels_[i];
  return Transposed(residual, point_);
}

Vector Objective::HessianTimes(const Vector& direction) const {
  Vector per_row = Linear(direction);
  for (size_t i = 0; i < per_row.size(); ++i) per_row[i] *= probability_[i] * (1.0 - probability_[i]);
  return Transposed(per_row, direction);
}

Vector Objective::HessianDiagonal() const {
  Vector curvature(probability_.size());
  double sum = 0.0;
  for (size_t i = 0; i < curvature.size(); ++i) {
    curvature[i] = probability_[i] * (1.0 - probability_[i]);
    sum += curvature[i];
  }
  Vector diagonal = features_.TransposedSquaresTimes(curvature);
  for (double& value : diagonal) value += 1.0;
  // Every row may be so certain that its curvature is lost in rounding.
  diagonal.push_back(std::max(sum, 1e-12));
  return diagonal;
}

// Solves H·step = −gradient by conjugate gradients, scaled by H's diagonal, to the given relative residual.
Vector NewtonStep(const Objective& objective, const Vector& gradient, double tolerance) {
  const Vector diagonal = objective.HessianDiagonal();
  Vector step(gradient.size());
  Vector residual(gradient.size());
  Vector scaled(gradient.size());
  for (size_t i = 0; i < gradient.size(); ++i) residual[i] = -gradient[i];
  for (size_t i = 0; i < gradient.size(); ++i) scaled[i] = residual[i] / diagonal[i];
  Vector direction = scaled;
  double product = Dot(residual, scaled);
  const double target = tolerance * tolerance * Dot(residual, residual);
  for (size_t i = 0; i < gradient.size() && Dot(residual, residual) > target; ++i) {
    const Vector image = objective.HessianTimes(direction);
    const double length = product / Dot(direction, image);
    AddScaled(length, direction, &step);
    AddScaled(-length, image, &residual);
    for (size_t j = 0; j < scaled.size(); ++j) scaled[j] = residual[j] / diagonal[j];
    const double next = Dot(residual, scaled);
    const double carry = std::exchange(product, next);
    for (size_t j = 0; j < direction.size(); ++j) direction[j] = scaled[j] + next / carry * direction[j];
  }
  return step;
}

// Moves `objective` along `step`, halved until the value falls enough.
void LineSearch(const Vector& step, double slope, Objective* objective, Vector* point) {
  const Vector start = *point;
  const double value = objective->Value();
  // Near the optimum the fall is smaller than the value's own rounding.
  const double rounding = 1e-13 * std::abs(value);
  double length = 1.0;
  for (int halvings = 0; halvings < kMaxHalvings; ++halvings, length /= 2.0) {
    *point = start;
    AddScaled(length, step, point);
    objective->MoveTo(*point);
    if (objective->Value() <= value + 1e-4 * length * slope + rounding) return;
  }
}

}  // namespace

absl::StatusOr<LogisticModel> FitSparseLogistic(const SparseMatrix& features,
                                                const std::vector<int>& labels) {
  const auto ones = std::count(labels.begin(), labels.end(), 1);
  if (ones == 0 || ones == static_cast<int64_t>(labels.size())) {
    return absl::InvalidArgumentError("the training rows have one label only; a classifier needs both");
  }
  Objective objective(features, labels);
  Vector point(objective.size());
  objective.MoveTo(point);
  Vector gradient = objective.Gradient();
  const double first = MaxNorm(gradient);
  const double target = kGradientPerRow * static_cast<double>(labels.size());
  int iterations = 0;
  for (; MaxNorm(gradient) > target; ++iterations) {
    if (iterations == kMaxNewtonSteps) {
      return absl::InternalError(absl::StrCat("logistic regression did not converge in ", kMaxNewtonSteps,
                                              " Newton steps: gradient ", MaxNorm(gradient)));
    }
    // Loose far from the optimum, ever tighter near it: superlinear in all.
    const double tolerance = std::min(0.1, std::sqrt(MaxNorm(gradient) / first));
    const Vector step = NewtonStep(objective, gradient, tolerance);
    LineSearch(step, Dot(gradient, step), &objective, &point);
    gradient = objective.Gradient();
  }
  LogisticModel model;
  model.intercept = point.back();
  point.pop_back();
  model.weights = std::move(point);
  model.iterations = iterations;
  return model;
}

std::vector<double> Scores(const LogisticModel& model, const SparseMatrix& features) {
  Vector scores = features.Times(model.weights);
  for (double& score : scores) score += model.intercept;
  return scores;
}

}  // namespace probesweep
