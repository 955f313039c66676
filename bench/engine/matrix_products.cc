#include "bench/engine/matrix_products.h"

#include <ATen/ATen.h>

#include <functional>
#include <string>

#include "absl/strings/match.h"
#include "bench/engine/process_usage.h"
#include "common/clock.h"
#include "common/status.h"
#include "worker/exec/torch_boundary.h"
#include "worker/model/block_tensors.h"

namespace probesweep::worker {
namespace {

bool IsBeforeAttention(const std::string& name) {
  for (const char* part : {"q_proj", "k_proj", "v_proj", "query_key_value", "c_attn", "qkv"}) {
    if (absl::StrContains(name, part)) return true;
  }
  return false;
}

// What one core multiplies: all shapes in turns.
class Share {
 public:
  // Makes the operands and multiplies each once: libraries load and memory is first touched here.
  void Prepare(const std::vector<BlockMatrix>& matrices, const std::vector<at::Tensor>& weights,
               int64_t rows) {
    for (size_t i = 0; i < matrices.size(); ++i) {
      products_.push_back({at::randn({rows, matrices[i].in}), weights[i].t(),
                           at::empty({rows, matrices[i].out}),
                           2.0 * static_cast<double>(rows * matrices[i].in * matrices[i].out)});
    }
    MultiplyUntil(absl::ZeroDuration());
  }

  // Each at least once, since the shapes are not equally quick.
  void MultiplyUntil(absl::Duration deadline) {
    operations_ = 0;
    do {
      for (Product& product : products_) {
        at::mm_out(product.result, product.left, product.right);
        operations_ += product.operations;
      }
    } while (Clock::System()->Steady() < deadline);
  }

  double operations() const { return operations_; }

 private:
  struct Product {
    at::Tensor left, right, result;
    double operations;
  };

  std::vector<Product> products_;
  double operations_ = 0;
};

// Runs `work` on every share at once, each on a core of its own.
absl::Status OnAllCores(std::vector<Share>& shares, ComputePool& pool,
                        const std::function<void(Share&)>& work) {
  JobGroup jobs(&pool);
  for (Share& share : shares) {
    jobs.Run([&share, &work] {
      work(share);
      return absl::OkStatus();
    });
  }
  return jobs.Wait([] { return false; });
}

}  // namespace

absl::StatusOr<std::vector<BlockMatrix>> BlockMatrices(const Model& model, const WeightSource& weights) {
  std::vector<BlockMatrix> matrices;
  for (const std::string& name : BlockTensors(model, /*layer=*/0, weights)) {
    PS_ASSIGN_OR_RETURN(const std::vector<int64_t> shape, weights.Shape(name));
    if (shape.size() == 2) matrices.push_back({shape[0], shape[1], IsBeforeAttention(name)});
  }
  return matrices;
}

double ProductOperations(const std::vector<BlockMatrix>& matrices, int64_t layers, int64_t tokens) {
  return ProductOperations(matrices, layers, tokens, tokens);
}

double ProductOperations(const std::vector<BlockMatrix>& matrices, int64_t layers, int64_t tokens,
                         int64_t last_tokens) {
  double operations = 0;
  for (const BlockMatrix& matrix : matrices) {
    const int64_t in_last_block = matrix.before_attention ? tokens : last_tokens;
    operations += 2.0 * static_cast<double>(matrix.out * matrix.in) *
                  static_cast<double>((layers - 1) * tokens + in_last_block);
  }
  return operations;
}

absl::StatusOr<OperationRate> ProductRate(const std::vector<BlockMatrix>& matrices, int64_t rows,
                                          double seconds, ComputePool& pool) {
  std::vector<at::Tensor> weights;
  PS_RETURN_IF_ERROR(RunTorch([&] {
    for (const BlockMatrix& matrix : matrices) weights.push_back(at::randn({matrix.out, matrix.in}));
    return absl::OkStatus();
  }));
  std::vector<Share> shares(static_cast<size_t>(pool.threads()));
  PS_RETURN_IF_ERROR(OnAllCores(shares, pool, [&](Share& share) { share.Prepare(matrices, weights, rows); }));
  const absl::Duration start = Clock::System()->Steady();
  const double processor = ProcessorSeconds();
  PS_RETURN_IF_ERROR(
      OnAllCores(shares, pool, [&](Share& share) { share.MultiplyUntil(start + absl::Seconds(seconds)); }));
  double operations = 0;
  for (const Share& share : shares) operations += share.operations();
  return OperationRate{operations / absl::ToDoubleSeconds(Clock::System()->Steady() - start),
                       operations / (ProcessorSeconds() - processor)};
}

}  // namespace probesweep::worker
