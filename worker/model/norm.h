#ifndef PROBESWEEP_WORKER_MODEL_NORM_H_
#define PROBESWEEP_WORKER_MODEL_NORM_H_

#include <cstdint>
#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "worker/model/linear.h"
#include "worker/model/rms_norm.h"

namespace probesweep::worker {

enum class NormForm { kRms, kLayer };

struct NormOptions {
  NormForm form = NormForm::kRms;
  double epsilon = 1e-6;
  bool weighted = true;
  bool biased = false;
  bool around_one = false;  // what is stored is the weight less 1
};

// A normalisation over the last axis, in the form that a configuration asks for. Immutable, thread-safe.
class Norm {
 public:
  Norm() = default;
  // Reads <name>.weight and <name>.bias where the norm has them: [size].
  static absl::StatusOr<Norm> Load(WeightSource& weights, const std::string& name, int64_t size,
                                   const NormOptions& options);

  at::Tensor operator()(const at::Tensor& x) const;

 private:
  std::variant<RmsNorm, LayerNorm> form_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_NORM_H_
