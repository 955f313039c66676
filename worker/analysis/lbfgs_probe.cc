#include "worker/analysis/lbfgs_probe.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "worker/analysis/pairwise_sum.h"

// L-BFGS-B 3.0 (Zhu, Byrd, Lu, Nocedal, Morales). All state lies in the arguments; `logical` is an int; the
// last two are the lengths of the strings.
extern "C" void setulb_(const int* n, const int* m, double* x, const double* lower, const double* upper,
                        const int* bounds, double* f, double* g, const double* factr, const double* pgtol,
                        double* work, int* int_work, char* task, const int* print, char* csave, int* lsave,
                        int* isave, double* dsave, size_t task_length, size_t csave_length);

namespace probesweep::worker {
namespace {

constexpr int kCorrections = 10;
constexpr int kMaxIterations = 100;
constexpr double kGradientTolerance = 1e-4;
constexpr int kSilent = -1;
constexpr size_t kTaskLength = 60;

struct LossAndSlope {
  double loss;
  double slope;  // of the loss by the logit
};

// scikit-learn's half binomial loss (sklearn/_loss/_loss.pyx), with its branches: so that rounding follows.
LossAndSlope LossUpTo13(double label, double logit) {
  const double e = std::exp(-std::abs(logit));
  if (logit <= 0) {
    return {(logit <= -37 ? e : std::log1p(e)) - label * logit, ((1 - label) * e - label) / (1 + e)};
  }
  return {(logit <= 18 ? std::log1p(e) : e) + (1 - label) * logit, ((1 - label) - label * e) / (1 + e)};
}

LossAndSlope LossSince14(double label, double logit) {
  const double e = std::exp(logit <= -2 ? logit : -logit);
  if (logit <= -37) return {e - label * logit, e - label};
  if (logit <= -2) return {std::log1p(e) - label * logit, ((1 - label) * e - label) / (1 + e)};
  return {(logit <= 18 ? std::log1p(e) : e) + (1 - label) * logit, ((1 - label) - label * e) / (1 + e)};
}

// The objective of one release as a function of (w, b), in the order of operations of sklearn's
// LinearModelLoss.
class Objective {
 public:
  Objective(const at::Tensor& features, const at::Tensor& labels, double c, SklearnRelease release)
      : features_(features),
        columns_(features.t()),
        labels_(labels.cpu().contiguous()),
        release_(release),
        rows_(static_cast<double>(features.size(0))),
        penalty_(release == SklearnRelease::kUpTo13 ? 1.0 / c : 1.0 / (c * rows_)) {}

  // `point` and `gradient`: fp64 [features + 1] on the CPU, the intercept last.
  double Evaluate(const at::Tensor& point, at::Tensor& gradient) const {
    const int64_t d = features_.size(1);
    const at::Tensor weights = point.narrow(0, 0, d);
    const at::Tensor logits =
        (at::mv(features_, weights.to(features_.device())) + point[d].item<double>()).cpu();
    std::vector<double> losses(static_cast<size_t>(logits.size(0)));
    at::Tensor slopes = at::empty_like(logits);
    EvaluateRows(logits, losses, slopes);
    double loss = PairwiseSum(losses.data(), losses.size());
    if (release_ == SklearnRelease::kSince14) {
      loss /= rows_;
      slopes.div_(rows_);
    }
    gradient.narrow(0, 0, d).copy_(at::mv(columns_, slopes.to(features_.device())).cpu() +
                                   weights * penalty_);
    gradient[d] = PairwiseSum(slopes.data_ptr<double>(), losses.size());
    return loss + 0.5 * penalty_ * weights.dot(weights).item<double>();
  }

 private:
  void EvaluateRows(const at::Tensor& logits, std::vector<double>& losses, at::Tensor& slopes) const {
    const auto of_row = release_ == SklearnRelease::kUpTo13 ? LossUpTo13 : LossSince14;
    const double* label = labels_.data_ptr<double>();
    const double* logit = logits.data_ptr<double>();
    double* slope = slopes.data_ptr<double>();
    for (size_t row = 0; row < losses.size(); ++row) {
      const LossAndSlope at = of_row(label[row], logit[row]);
      losses[row] = at.loss;
      slope[row] = at.slope;
    }
  }

  const at::Tensor features_;  // [rows, features]
  const at::Tensor columns_;   // [features, rows], a view
  const at::Tensor labels_;    // [rows], on the CPU
  const SklearnRelease release_;
  const double rows_;
  const double penalty_;  // of ‖w‖²/2
};

// One run of the Fortran code, which asks for values and says when an iteration is over.
class Lbfgsb {
 public:
  Lbfgsb(int dimensions, double least_fall)
      : n_(dimensions),
        factr_(least_fall / std::numeric_limits<double>::epsilon()),
        unbounded_(static_cast<size_t>(n_), 0),
        no_bound_(static_cast<size_t>(n_), 0.0),
        work_(WorkSize(static_cast<size_t>(n_)), 0.0),
        int_work_(3 * static_cast<size_t>(n_), 0) {}

  // Minimises from `point`, in place; returns the iterations made.
  int Minimise(const Objective& objective, at::Tensor& point) {
    at::Tensor gradient = at::zeros_like(point);
    double value = 0;
    std::string task("START");
    task.resize(kTaskLength, ' ');
    for (int iterations = 0;;) {
      Step(point.data_ptr<double>(), value, gradient.data_ptr<double>(), task);
      if (task.compare(0, 2, "FG") == 0) {
        value = objective.Evaluate(point, gradient);
      } else if (task.compare(0, 5, "NEW_X") != 0 || ++iterations >= kMaxIterations) {
        return iterations;
      }
    }
  }

 private:
  static size_t WorkSize(size_t n) {
    return 2 * kCorrections * n + 5 * n + 11 * kCorrections * kCorrections + 8 * kCorrections;
  }

  void Step(double* point, double& value, double* gradient, std::string& task) {
    const int corrections = kCorrections, print = kSilent;
    const double tolerance = kGradientTolerance;
    setulb_(&n_, &corrections, point, no_bound_.data(), no_bound_.data(), unbounded_.data(), &value, gradient,
            &factr_, &tolerance, work_.data(), int_work_.data(), task.data(), &print, csave_.data(),
            lsave_.data(), isave_.data(), dsave_.data(), task.size(), csave_.size());
  }

  const int n_;
  const double factr_;
  const std::vector<int> unbounded_;
  const std::vector<double> no_bound_;
  std::vector<double> work_;
  std::vector<int> int_work_;
  std::array<char, kTaskLength> csave_{};
  std::array<int, 4> lsave_{};
  std::array<int, 44> isave_{};
  std::array<double, 29> dsave_{};
};

}  // namespace

Probe FitSklearnProbe(const at::Tensor& features, const at::Tensor& labels, double c,
                      SklearnRelease release) {
  const int64_t d = features.size(1);
  const Objective objective(features, labels, c, release);
  const double least_fall = release == SklearnRelease::kUpTo13 ? 2.2204460492503131e-09  // SciPy's default
                                                               : 64 * std::numeric_limits<double>::epsilon();
  at::Tensor point = at::zeros({d + 1}, at::kDouble);
  const int iterations = Lbfgsb(static_cast<int>(d) + 1, least_fall).Minimise(objective, point);
  return {point.narrow(0, 0, d).to(features.device(), at::kDouble, false, true), point[d].item<double>(),
          iterations};
}

}  // namespace probesweep::worker
