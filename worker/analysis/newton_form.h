// How Newton's method takes a step: what Minimise (newton_probe.cc) needs of the primal, the dual, and the
// truncated form.
#ifndef PROBESWEEP_WORKER_ANALYSIS_NEWTON_FORM_H_
#define PROBESWEEP_WORKER_ANALYSIS_NEWTON_FORM_H_

#include <ATen/core/Tensor.h>

#include <memory>

namespace probesweep::worker {

// A point of the optimisation, in the primal (w) or the dual (α, with w = Xᵀα).
struct NewtonPoint {
  at::Tensor coefficients;  // w [features], or α [rows]
  at::Tensor weights;       // w [features]
  at::Tensor logits;        // X w + b [rows]
  double intercept = 0;
  double objective = 0;
  // Set once a step is wanted.
  at::Tensor residual;   // c (p − y) [rows]
  at::Tensor curvature;  // c p (1 − p) [rows]
  at::Tensor gradient;   // Xᵀ residual + w [features]
  double intercept_gradient = 0;
  double goal = 0;  // a gradient of this norm ends the optimisation: steps need not be finer
};

struct NewtonStep {
  at::Tensor coefficients;  // the change of NewtonPoint::coefficients
  double intercept = 0;
};

class NewtonForm {
 public:
  virtual ~NewtonForm() = default;
  virtual at::Tensor Zero() const = 0;
  virtual at::Tensor Weights(const at::Tensor& coefficients) const = 0;  // w
  virtual NewtonStep Step(const NewtonPoint& at) const = 0;
};

// Exact steps by a Cholesky factor: of the Hessian [features + 1]² (more rows than features), or of a matrix
// [rows]² in the dual. `x`: fp64 [rows, features].
std::unique_ptr<NewtonForm> DenseNewtonForm(const at::Tensor& x);

// Steps by conjugate gradients in fp32 (truncated_newton_form.cc); for problems whose Hessian is too large to
// be factored in each step.
std::unique_ptr<NewtonForm> TruncatedNewtonForm(const at::Tensor& x);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ANALYSIS_NEWTON_FORM_H_
