#include "worker/exec/scoring.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "common/status.h"
#include "worker/exec/input_limits.h"
#include "worker/exec/pack.h"
#include "worker/exec/sampler.h"
#include "worker/exec/steering_directions.h"

namespace probesweep::worker {
namespace {

using Requests = std::vector<ScoreRequest>;

// Logits that are held at a time.
constexpr int64_t kLogitsAtATime = int64_t{1} << 24;

// What is fed: all tokens but the last, which only is predicted.
std::vector<int64_t> Fed(const ScoreRequest& request) {
  std::vector<int64_t> ids = request.context;
  ids.insert(ids.end(), request.continuation.begin(), request.continuation.end() - 1);
  return ids;
}

// `rows`: the residual stream before each token of the continuation: [tokens, hidden].
absl::Status ScoreRows(const ResidentExecutor& executor, const at::Tensor& rows,
                       const std::vector<int64_t>& continuation, Score& score) {
  score.greedy = true;
  const int64_t at_a_time = std::max<int64_t>(1, kLogitsAtATime / executor.model().vocab_size());
  for (int64_t first = 0; first < rows.size(0); first += at_a_time) {
    const int64_t count = std::min(at_a_time, rows.size(0) - first);
    PS_ASSIGN_OR_RETURN(const at::Tensor logits, executor.Logits(rows.narrow(0, first, count)));
    const at::Tensor all = at::log_softmax(logits, -1).contiguous();  // [count, vocab]
    const auto vocab = static_cast<size_t>(all.size(1));
    for (int64_t i = 0; i < count; ++i) {
      const absl::Span<const float> row(all.data_ptr<float>() + static_cast<size_t>(i) * vocab, vocab);
      const int64_t token = continuation[static_cast<size_t>(first + i)];
      const double log_probability = row[static_cast<size_t>(token)];
      score.token_log_probabilities.push_back(log_probability);
      score.log_likelihood += log_probability;
      score.greedy = score.greedy && LikeliestToken(row) == token;
    }
  }
  return absl::OkStatus();
}

// A chunk of a pack, and where it begins.
struct Place {
  const PackedLayout* chunk;
  int64_t first_token, first_statement;
};

class Scoring {
 public:
  Scoring(const ResidentExecutor& executor, const Requests& requests)
      : executor_(executor), requests_(requests), scores_(requests.size()) {
    std::vector<std::vector<int64_t>> fed;
    for (const ScoreRequest& request : requests) fed.push_back(Fed(request));
    PackOptions options = PackOptionsFor(executor.model());
    options.share_prefixes = false;
    pack_ = BuildPack(fed, options);
    by_slot_.resize(pack_.first_token.size());
    for (size_t i = 0; i < requests.size(); ++i) by_slot_[static_cast<size_t>(pack_.slot[i])].push_back(i);
  }

  absl::StatusOr<std::vector<Score>> Run(ComputePool* pool) {
    JobGroup jobs(pool);
    Place place{nullptr, 0, 0};
    for (const PackedLayout& chunk : pack_.chunks) {
      place.chunk = &chunk;
      jobs.Run([this, place] { return RunChunk(place); });
      place.first_token += chunk.tokens();
      place.first_statement += chunk.statements();
    }
    PS_RETURN_IF_ERROR(jobs.Wait([] { return false; }));
    return std::move(scores_);
  }

 private:
  absl::Status RunChunk(const Place& place) {
    const auto ids = pack_.ids.begin() + place.first_token;
    const ResidentInput input{{ids, ids + place.chunk->tokens()}, *place.chunk};
    PS_ASSIGN_OR_RETURN(const at::Tensor residual, executor_.Forward(input, SteeringDirections()));
    const int64_t end = place.first_statement + place.chunk->statements();
    for (auto slot = static_cast<size_t>(place.first_statement); slot < static_cast<size_t>(end); ++slot) {
      for (const size_t request : by_slot_[slot]) {
        const auto& [context, continuation] = requests_[request];
        const int64_t before =
            pack_.first_token[slot] - place.first_token + static_cast<int64_t>(context.size()) - 1;
        const at::Tensor rows = residual.narrow(0, before, static_cast<int64_t>(continuation.size()));
        PS_RETURN_IF_ERROR(ScoreRows(executor_, rows, continuation, scores_[request]));
      }
    }
    return absl::OkStatus();
  }

  const ResidentExecutor& executor_;
  const Requests& requests_;
  Pack pack_;                                 // what is fed
  std::vector<std::vector<size_t>> by_slot_;  // packed statement → its requests
  std::vector<Score> scores_;                 // each written by one job
};

}  // namespace

absl::Status CheckScoreRequest(const Model& model, const ScoreRequest& request) {
  if (request.context.empty()) {
    return absl::InvalidArgumentError(
        "the context has no tokens, and a first token has no probability; give a context, if only the "
        "model's first token (bos)");
  }
  if (request.continuation.empty()) return absl::InvalidArgumentError("the continuation has no tokens");
  PS_RETURN_IF_ERROR(CheckTokenIds(model, request.context));
  PS_RETURN_IF_ERROR(CheckTokenIds(model, request.continuation));
  const auto fed = static_cast<int64_t>(request.context.size() + request.continuation.size()) - 1;
  return CheckPositions(model, fed, "context and continuation", "shorten the context");
}

absl::StatusOr<std::vector<Score>> ScoreContinuations(const ResidentExecutor& executor,
                                                      const Requests& requests, ComputePool* pool) {
  for (size_t i = 0; i < requests.size(); ++i) {
    const absl::Status status = CheckScoreRequest(executor.model(), requests[i]);
    if (!status.ok()) return Annotate(status, absl::StrCat("request ", i + 1));
  }
  return Scoring(executor, requests).Run(pool);
}

}  // namespace probesweep::worker
