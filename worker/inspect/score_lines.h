// Input of the command `score`.
#ifndef PROBESWEEP_WORKER_INSPECT_SCORE_LINES_H_
#define PROBESWEEP_WORKER_INSPECT_SCORE_LINES_H_

#include <istream>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/exec/scoring.h"
#include "worker/inspect/lazy_tokenizer.h"

namespace probesweep::worker {

// Tokens of a text and its continuation, cut as lm-evaluation-harness does: white space at the context's end
// becomes the continuation's; both are encoded in one piece, and so many of its tokens are the context's as
// the context alone has. Errors: as Tokenizer::Encode.
absl::StatusOr<ScoreRequest> EncodeScoreRequest(const Tokenizer& tokenizer, absl::string_view context,
                                                absl::string_view continuation, bool add_special_tokens);

// Calls `on_request` for each line: {"context": …, "continuation": …}, or {"context_ids": […],
// "continuation_ids": […]}. Errors: INVALID_ARGUMENT naming the line; those of the tokenizer. Stops at the
// first.
absl::Status ReadScoreLines(
    std::istream& input, absl::string_view name, bool add_special_tokens, LazyTokenizer& tokenizer,
    absl::FunctionRef<absl::Status(ScoreRequest, const std::string& where)> on_request);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_INSPECT_SCORE_LINES_H_
