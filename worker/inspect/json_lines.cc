#include "worker/inspect/json_lines.h"

#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status.h"

namespace probesweep::worker {
using nlohmann::json;

absl::StatusOr<std::vector<int64_t>> ParseIds(const json& value, absl::string_view field,
                                              absl::string_view where) {
  const absl::Status wrong = absl::InvalidArgumentError(
      absl::StrCat(where, ": `", field, "` must be a list of token ids (whole numbers from 0), not empty"));
  if (!value.is_array() || value.empty()) return wrong;
  std::vector<int64_t> ids;
  for (const json& id : value) {
    if (!id.is_number_integer() || id.get<int64_t>() < 0) return wrong;
    ids.push_back(id.get<int64_t>());
  }
  return ids;
}

absl::StatusOr<Prompt> ParsePrompt(absl::string_view line, absl::string_view where) {
  const json value = json::parse(line.begin(), line.end(), nullptr, /*allow_exceptions=*/false);
  Prompt prompt;
  if (value.is_object() && value.contains("ids")) {
    prompt.has_ids = true;
    PS_ASSIGN_OR_RETURN(prompt.ids, ParseIds(value["ids"], "ids", where));
    return prompt;
  }
  if (value.is_object() && value.contains("text") && value["text"].is_string()) {
    prompt.text = value["text"].get<std::string>();
    return prompt;
  }
  return absl::InvalidArgumentError(
      absl::StrCat(where, R"(: not a JSON object with "text" or "ids", e.g. {"text": "Once upon a time"})"));
}

absl::Status ReadPrompts(std::istream& input, absl::string_view name,
                         absl::FunctionRef<absl::Status(const Prompt&, const std::string& where)> on_prompt) {
  std::string line;
  for (int64_t number = 1; std::getline(input, line); ++number) {
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    const std::string where = absl::StrCat(name, ":", number);
    PS_ASSIGN_OR_RETURN(const Prompt prompt, ParsePrompt(line, where));
    PS_RETURN_IF_ERROR(on_prompt(prompt, where));
  }
  return absl::OkStatus();
}

std::string IdsLine(const std::vector<int64_t>& ids) {
  return absl::StrCat("{\"ids\":[", absl::StrJoin(ids, ","), "]}\n");
}

}  // namespace probesweep::worker
