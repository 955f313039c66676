#include "worker/inspect/score_lines.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "common/unicode.h"
#include "worker/inspect/json_lines.h"

namespace probesweep::worker {
namespace {

using nlohmann::json;

bool HasTexts(const json& value) {
  const auto is_text = [&value](const char* field) {
    return value.contains(field) && value[field].is_string();
  };
  return value.is_object() && is_text("context") && is_text("continuation");
}

absl::StatusOr<ScoreRequest> ParseIdsRequest(const json& value, const std::string& where) {
  ScoreRequest request;
  PS_ASSIGN_OR_RETURN(request.context, ParseIds(value["context_ids"], "context_ids", where));
  PS_ASSIGN_OR_RETURN(request.continuation, ParseIds(value["continuation_ids"], "continuation_ids", where));
  return request;
}

absl::StatusOr<ScoreRequest> ParseRequest(absl::string_view line, const std::string& where,
                                          bool add_special_tokens, LazyTokenizer& tokenizer) {
  const json value = json::parse(line.begin(), line.end(), nullptr, /*allow_exceptions=*/false);
  if (value.is_object() && value.contains("context_ids") && value.contains("continuation_ids")) {
    return ParseIdsRequest(value, where);
  }
  if (!HasTexts(value)) {
    return absl::InvalidArgumentError(
        absl::StrCat(where, R"(: not a JSON object with texts "context" and "continuation", or with lists )"
                            R"("context_ids" and "continuation_ids")"));
  }
  PS_ASSIGN_OR_RETURN(const Tokenizer* opened, tokenizer.Get());
  auto request = EncodeScoreRequest(*opened, value["context"].get<std::string>(),
                                    value["continuation"].get<std::string>(), add_special_tokens);
  if (!request.ok()) return Annotate(request.status(), where);
  return request;
}

}  // namespace

absl::StatusOr<ScoreRequest> EncodeScoreRequest(const Tokenizer& tokenizer, absl::string_view context,
                                                absl::string_view continuation, bool add_special_tokens) {
  const std::string whole = absl::StrCat(context, continuation);
  PS_ASSIGN_OR_RETURN(const auto all, tokenizer.Encode(whole, add_special_tokens));
  context.remove_suffix(TrailingWhitespace(context));
  ScoreRequest request;
  PS_ASSIGN_OR_RETURN(request.context, tokenizer.Encode(context, add_special_tokens));
  const size_t before = std::min(request.context.size(), all.size());
  request.continuation.assign(all.begin() + static_cast<std::ptrdiff_t>(before), all.end());
  return request;
}

absl::Status ReadScoreLines(
    std::istream& input, absl::string_view name, bool add_special_tokens, LazyTokenizer& tokenizer,
    absl::FunctionRef<absl::Status(ScoreRequest, const std::string& where)> on_request) {
  std::string line;
  for (int64_t number = 1; std::getline(input, line); ++number) {
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    const std::string where = absl::StrCat(name, ":", number);
    PS_ASSIGN_OR_RETURN(ScoreRequest request, ParseRequest(line, where, add_special_tokens, tokenizer));
    PS_RETURN_IF_ERROR(on_request(std::move(request), where));
  }
  return absl::OkStatus();
}

}  // namespace probesweep::worker
