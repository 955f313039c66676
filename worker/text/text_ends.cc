#include "worker/text/text_ends.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/status.h"

namespace probesweep::worker {
namespace {

using Json = nlohmann::json;

// As AddedTokens gives ids: what the vocabulary has not gets the next one free.
std::optional<uint64_t> FindId(const std::string& content, const Json& added_tokens,
                               const Vocabulary& vocabulary) {
  std::map<std::string, uint64_t> ids;
  std::optional<uint64_t> last;
  for (const Json& token : added_tokens) {
    const std::string other = token["content"];
    uint64_t next = vocabulary.size();
    if (last.has_value()) next = std::max(next, *last + 1);
    if (const std::optional<TokenId> known = vocabulary.IdOf(other)) next = *known;
    const uint64_t id = ids.try_emplace(other, next).first->second;
    if (other == content) return id;
    last = std::max(last.value_or(0), id);
  }
  return std::nullopt;
}

absl::Status AddToken(const std::string& content, std::optional<uint64_t> id, const std::string& file,
                      Json& post) {
  if (!id.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(file, ": \"", content,
                                                   "\", which goes around each text, is no token; copy the "
                                                   "tokenizer's files again from one place"));
  }
  post["single"].push_back({{"SpecialToken", {{"id", content}, {"type_id", 0}}}});
  post["special_tokens"][content] = {{"id", content}, {"ids", {*id}}, {"tokens", {content}}};
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Json> PutAround(const TextEnds& ends, const Json& added_tokens, const Vocabulary& vocabulary,
                               const std::string& file) {
  Json post = {{"type", "TemplateProcessing"}, {"single", Json::array()}, {"special_tokens", Json::object()}};
  if (ends.add_begin) {
    PS_RETURN_IF_ERROR(AddToken(ends.begin, FindId(ends.begin, added_tokens, vocabulary), file, post));
  }
  post["single"].push_back({{"Sequence", {{"id", "A"}, {"type_id", 0}}}});
  if (ends.add_end) {
    PS_RETURN_IF_ERROR(AddToken(ends.end, FindId(ends.end, added_tokens, vocabulary), file, post));
  }
  return post;
}

}  // namespace probesweep::worker
