// Input of the inspection commands: one JSON object a line.
#ifndef PROBESWEEP_WORKER_INSPECT_JSON_LINES_H_
#define PROBESWEEP_WORKER_INSPECT_JSON_LINES_H_

#include <cstdint>
#include <istream>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace probesweep::worker {

struct Prompt {
  std::string text;
  std::vector<int64_t> ids;
  bool has_ids = false;  // else it is the text that counts
};

// The list of token ids that stands under `field`. Errors: INVALID_ARGUMENT beginning with `where`.
absl::StatusOr<std::vector<int64_t>> ParseIds(const nlohmann::json& value, absl::string_view field,
                                              absl::string_view where);

// Parses {"text": …} or {"ids": […]}. Errors: INVALID_ARGUMENT beginning with `where`.
absl::StatusOr<Prompt> ParsePrompt(absl::string_view line, absl::string_view where);

// Calls `on_prompt` for each line that is not empty. `name` stands for the stream in messages. Stops at the
// first error.
absl::Status ReadPrompts(std::istream& input, absl::string_view name,
                         absl::FunctionRef<absl::Status(const Prompt&, const std::string& where)> on_prompt);

// {"ids":[1,2]} with a line break.
std::string IdsLine(const std::vector<int64_t>& ids);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_INSPECT_JSON_LINES_H_
