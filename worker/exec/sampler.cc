#include "worker/exec/sampler.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "absl/strings/str_cat.h"
#include "worker/exec/philox.h"

namespace probesweep::worker {
namespace {

// The least logit that top-k leaves.
float TopKThreshold(absl::Span<const float> logits, int64_t top_k) {
  std::vector<float> sorted(logits.begin(), logits.end());
  const auto last = sorted.begin() + (top_k - 1);
  std::nth_element(sorted.begin(), last, sorted.end(), std::greater<float>());
  return *last;
}

// The softmax of the logits that are at least `threshold`, divided by the temperature.
std::vector<Candidate> Softmax(absl::Span<const float> logits, float threshold, double temperature) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  std::vector<Candidate> candidates;
  double sum = 0;
  for (size_t token = 0; token < logits.size(); ++token) {
    if (logits[token] < threshold) continue;
    // The largest is taken off first: however small the temperature, nothing overflows.
    const double weight = std::exp((static_cast<double>(logits[token]) - largest) / temperature);
    candidates.push_back({static_cast<int64_t>(token), weight});
    sum += weight;
  }
  for (Candidate& candidate : candidates) candidate.probability /= sum;
  return candidates;
}

void KeepTopP(double top_p, std::vector<Candidate>& candidates) {
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.probability != b.probability ? a.probability > b.probability : a.token > b.token;
  });
  size_t kept = 0;
  double sum = 0;
  while (kept < candidates.size() && (kept == 0 || sum < top_p)) sum += candidates[kept++].probability;
  candidates.resize(kept);
  for (Candidate& candidate : candidates) candidate.probability /= sum;
  std::sort(candidates.begin(), candidates.end(),
            [](const Candidate& a, const Candidate& b) { return a.token < b.token; });
}

}  // namespace

absl::Status CheckSampling(const SamplingOptions& options) {
  if (!std::isfinite(options.temperature) || options.temperature < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("temperature must be 0 (greedy) or above, not ", options.temperature));
  }
  if (options.top_k < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("top-k must be 0 (all tokens) or above, not ", options.top_k));
  }
  if (!(options.top_p >= 0 && options.top_p <= 1)) {
    return absl::InvalidArgumentError(absl::StrCat("top-p must be from 0 to 1, not ", options.top_p));
  }
  return absl::OkStatus();
}

std::vector<Candidate> SamplingCandidates(absl::Span<const float> logits, const SamplingOptions& options) {
  // Before the temperature as well as after it: it changes no order.
  const bool all = options.top_k == 0 || options.top_k >= static_cast<int64_t>(logits.size());
  const float threshold =
      all ? *std::min_element(logits.begin(), logits.end()) : TopKThreshold(logits, options.top_k);
  std::vector<Candidate> candidates = Softmax(logits, threshold, options.temperature);
  if (options.top_p < 1) KeepTopP(options.top_p, candidates);
  return candidates;
}

int64_t LikeliestToken(absl::Span<const float> logits) {
  return std::max_element(logits.begin(), logits.end()) - logits.begin();
}

int64_t NextToken(absl::Span<const float> logits, const SamplingOptions& options, uint64_t prompt,
                  uint64_t step) {
  if (options.temperature == 0) return LikeliestToken(logits);
  const double drawn = UniformAt(options.seed, prompt, step);
  const std::vector<Candidate> candidates = SamplingCandidates(logits, options);
  double sum = 0;
  for (const Candidate& candidate : candidates) {
    sum += candidate.probability;
    if (drawn < sum) return candidate.token;
  }
  return candidates.back().token;  // the sum is rounded
}

}  // namespace probesweep::worker
