#ifndef PROBESWEEP_WORKER_MODEL_TWO_LAYER_MLP_H_
#define PROBESWEEP_WORKER_MODEL_TWO_LAYER_MLP_H_

#include <string>

#include "worker/model/activation.h"
#include "worker/model/linear.h"
#include "worker/model/model_sizes.h"

namespace probesweep::worker {

// down(activation(up x)).
struct TwoLayerMlp {
  Linear up, down;
  Activation activation = nullptr;

  at::Tensor operator()(const at::Tensor& x) const;
};

struct TwoLayerMlpOptions {
  const char* up = "mlp.dense_h_to_4h";
  const char* down = "mlp.dense_4h_to_h";
  Bias bias = Bias::kRequired;
  LinearLoader load = LoadLinear;
  Activation activation = nullptr;
};

// Reads names that begin with `prefix` and the options' own.
absl::StatusOr<TwoLayerMlp> LoadTwoLayerMlp(WeightSource& weights, const std::string& prefix,
                                            const ModelSizes& sizes, const TwoLayerMlpOptions& options);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_TWO_LAYER_MLP_H_
