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
std::optional<uint64_t> FindId(const std::string& content, const Json& tokenizer) {
  const Json& vocabulary = tokenizer["model"]["vocab"];
  if (!vocabulary.is_object()) return std::nullopt;
  std::map<std::string, uint64_t> ids;
  std::optional<uint64_t> last;
  for (const Json& token : tokenizer["added_tokens"]) {
    const std::string other = token["content"];
    uint64_t next = vocabulary.size();
    if (last.has_value()) next = std::max(next, *last + 1);
    const auto known = vocabulary.find(other);
    if (known != vocabulary.end()) {
      if (!known->is_number_unsigned()) return std::nullopt;
      next = *known;
    }
    const uint64_t id = ids.try_emplace(other, next).first->second;
    if (other == content) return id;
    last = std::max(last.value_or(0), id);
  }
  return std::nullopt;
}

absl::Status AddToken(const std::string& content, const Json& tokenizer, const std::string& file,
                      Json& post) {
  const std::optional<uint64_t> id = FindId(content, tokenizer);
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

absl::StatusOr<Json> PutAround(const TextEnds& ends, const Json& tokenizer, const std::string& file) {
  Json post = {{"type", "TemplateProcessing"}, {"single", Json::array()}, {"special_tokens", Json::object()}};
  if (ends.add_begin) PS_RETURN_IF_ERROR(AddToken(ends.begin, tokenizer, file, post));
  post["single"].push_back({{"Sequence", {{"id", "A"}, {"type_id", 0}}}});
  if (ends.add_end) PS_RETURN_IF_ERROR(AddToken(ends.end, tokenizer, file, post));
  return post;
}

}  // namespace probesweep::worker
