// A block's MLP made of many, of which a router chooses a few for each token.
#ifndef PROBESWEEP_WORKER_MODEL_SPARSE_EXPERTS_H_
#define PROBESWEEP_WORKER_MODEL_SPARSE_EXPERTS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/checkpoint/config_file.h"
#include "worker/checkpoint/tensor_naming.h"
#include "worker/model/gated_mlp.h"
#include "worker/model/linear.h"

namespace probesweep::worker {

struct SparseExpertsOptions {
  int64_t experts = 0;
  int64_t chosen = 0;        // experts that a token goes to, at most `experts`
  bool normalised = false;   // the chosen experts' shares are made to sum to 1
  std::string name = "mlp";  // in a block, of router and experts
  GatedMlpNames expert_names;
};

// Experts chosen by the largest shares of a softmax over all of them, whose outputs are summed by those
// shares (Jiang et al., arXiv 2401.04088). A token's result does not depend on the tokens beside it, but for
// rounding. Immutable, thread-safe.
class SparseExperts {
 public:
  // Reads <prefix>gate and <prefix>experts.<i>.
  static absl::StatusOr<SparseExperts> Load(WeightSource& weights, const std::string& prefix,
                                            const SparseExpertsOptions& options,
                                            const GatedMlpOptions& expert);

  // `x`: fp32 [tokens, hidden]. Returns the same shape.
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  explicit SparseExperts(const SparseExpertsOptions& options) : options_(options) {}

  SparseExpertsOptions options_;
  Linear router_;
  std::vector<GatedMlp> experts_;
};

// Reads the number of experts and of those chosen. Errors: INVALID_ARGUMENT naming the field.
absl::Status ReadExperts(const ConfigFile& file, ConfigFile::Spellings number, int64_t chosen_otherwise,
                         SparseExpertsOptions& options);

// Where the tensors of `layers` blocks' experts are when they are not stored one by one but stacked, as
// transformers 5 holds them in memory: "mlp.experts.gate_up_proj" [experts, 2 · intermediate, hidden] and
// "mlp.experts.down_proj" [experts, hidden, intermediate].
std::map<std::string, StoredPart> StackedExperts(const SparseExpertsOptions& options, int64_t layers,
                                                 const GatedMlpOptions& expert);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_SPARSE_EXPERTS_H_
