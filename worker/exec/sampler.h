// From logits to the next token.
#ifndef PROBESWEEP_WORKER_EXEC_SAMPLER_H_
#define PROBESWEEP_WORKER_EXEC_SAMPLER_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"

namespace probesweep::worker {

struct SamplingOptions {
  double temperature = 0;  // divides the logits; 0: the likeliest token, always
  int64_t top_k = 0;       // as many of the likeliest tokens, and those as likely as the last; 0: all
  double top_p = 1;        // the fewest likeliest tokens whose probabilities reach this share; at least one
  uint64_t seed = 0;
};

// Errors: INVALID_ARGUMENT naming the option.
absl::Status CheckSampling(const SamplingOptions& options);

struct Candidate {
  int64_t token;
  double probability;
};

// What is drawn from: temperature, then top-k, then top-p, as transformers' logits processors have them, each
// on what the former leaves. By token, probabilities sum to 1. Of equally likely tokens top-p keeps the
// higher ids, as the sort there does. The temperature must be above 0.
std::vector<Candidate> SamplingCandidates(absl::Span<const float> logits, const SamplingOptions& options);

// The token with the largest logit, the lowest of several.
int64_t LikeliestToken(absl::Span<const float> logits);

// The next token. A draw depends on logits, seed, prompt and step alone (UniformAt): never on a batch.
int64_t NextToken(absl::Span<const float> logits, const SamplingOptions& options, uint64_t prompt,
                  uint64_t step);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_EXEC_SAMPLER_H_
