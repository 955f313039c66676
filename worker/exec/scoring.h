// How likely a model finds given continuations.
#ifndef PROBESWEEP_WORKER_EXEC_SCORING_H_
#define PROBESWEEP_WORKER_EXEC_SCORING_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/exec/compute_pool.h"
#include "worker/exec/resident_executor.h"

namespace probesweep::worker {

struct ScoreRequest {
  // Not empty: nothing precedes a first token, so that it has no probability. To score a text from its start,
  // give the model's own first token (bos) as the context.
  std::vector<int64_t> context;
  std::vector<int64_t> continuation;  // not empty
};

struct Score {
  std::vector<double> token_log_probabilities;  // natural logarithms, of the continuation's tokens in order
  double log_likelihood = 0;                    // their sum
  bool greedy = false;  // each token is the likeliest one (the lowest of equals) behind those before it
};

// Errors: INVALID_ARGUMENT when the model cannot take the request.
absl::Status CheckScoreRequest(const Model& model, const ScoreRequest& request);

// ln P(continuation | context), as lm-evaluation-harness's `loglikelihood`; too long a context is refused
// rather than cut. Requests that differ in their last token only are computed once. Results in the requests'
// order. Errors: INVALID_ARGUMENT ("request <i>", from 1); those of ResidentExecutor and RunTorch.
absl::StatusOr<std::vector<Score>> ScoreContinuations(const ResidentExecutor& executor,
                                                      const std::vector<ScoreRequest>& requests,
                                                      ComputePool* pool);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_EXEC_SCORING_H_
