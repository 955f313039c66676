#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/number_format.h"
#include "common/status.h"
#include "worker/engine/opened_checkpoint.h"
#include "worker/exec/scoring.h"
#include "worker/inspect/commands.h"
#include "worker/inspect/score_lines.h"

namespace probesweep::worker {
namespace {

// Scored before the first of them are written. Those that share a context should stand near one another.
constexpr size_t kRequestsAtOnce = 1024;

absl::StatusOr<std::vector<ScoreRequest>> ReadRequestFile(const ScoreOptions& options, const Model& model) {
  const absl::StatusOr<std::string> text = ReadFile(options.prompts);
  if (!text.ok()) return Annotate(text.status(), "--prompts");
  std::istringstream lines(*text);
  LazyTokenizer tokenizer(options.checkpoint);
  std::vector<ScoreRequest> requests;
  PS_RETURN_IF_ERROR(ReadScoreLines(lines, options.prompts, options.add_special_tokens, tokenizer,
                                    [&](ScoreRequest request, const std::string& where) -> absl::Status {
                                      const absl::Status status = CheckScoreRequest(model, request);
                                      requests.push_back(std::move(request));
                                      return Annotate(status, where);
                                    }));
  if (requests.empty()) return absl::InvalidArgumentError(absl::StrCat(options.prompts, " holds no request"));
  return requests;
}

std::string Line(const Score& score) {
  return absl::StrCat("{\"log_likelihood\":", FormatDouble(score.log_likelihood),
                      ",\"tokens\":", score.token_log_probabilities.size(),
                      ",\"greedy\":", score.greedy ? "true" : "false", "}\n");
}

}  // namespace

absl::Status ScoreLines(const ScoreOptions& options, std::ostream& output) {
  ComputePool pool(options.threads);
  PS_ASSIGN_OR_RETURN(const OpenedCheckpoint checkpoint, OpenCheckpoint(options.checkpoint));
  PS_ASSIGN_OR_RETURN(const std::vector<ScoreRequest> requests, ReadRequestFile(options, *checkpoint.model));
  PS_ASSIGN_OR_RETURN(const std::unique_ptr<ResidentExecutor> executor,
                      ResidentExecutor::Load(*checkpoint.model, *checkpoint.weights));
  for (size_t first = 0; first < requests.size(); first += kRequestsAtOnce) {
    const size_t last = std::min(first + kRequestsAtOnce, requests.size());
    const std::vector<ScoreRequest> some(requests.begin() + static_cast<std::ptrdiff_t>(first),
                                         requests.begin() + static_cast<std::ptrdiff_t>(last));
    PS_ASSIGN_OR_RETURN(const std::vector<Score> scores, ScoreContinuations(*executor, some, &pool));
    for (const Score& score : scores) output << Line(score);
    if (!output.flush()) return absl::UnknownError("cannot write the scores; is the disk full?");
  }
  return absl::OkStatus();
}

}  // namespace probesweep::worker
