#include "worker/text/post_processor.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status.h"

namespace probesweep::worker {
namespace {

constexpr char kImplemented[] = "Sequence, ByteLevel, TemplateProcessing, RobertaProcessing, BertProcessing";

// Each may be the whole text again.
constexpr size_t kMaxParts = 64;

bool IsId(const nlohmann::json& id) { return id.is_number_unsigned() && id.get<uint64_t>() <= UINT32_MAX; }

// The ids that `special_tokens` gives for the token named `name`.
absl::StatusOr<std::vector<int64_t>> SpecialTokenIds(const Component& component, const std::string& name) {
  const Component token = component.Field("special_tokens").Field(name);
  if (token.is_null()) return component.Invalid(absl::StrCat("\"special_tokens\" lacks \"", name, "\""));
  const Component ids = token.Field("ids");
  if (!ids.json().is_array()) return token.Invalid("field \"ids\" must be a list");
  if (ids.json().size() > kMaxParts)
    return token.NotImplemented(absl::StrCat("more than ", kMaxParts, " ids"));
  std::vector<int64_t> values;
  for (const auto& id : ids.json()) {
    if (!IsId(id)) return token.Invalid("field \"ids\" must hold whole numbers below 2^32");
    values.push_back(id.get<int64_t>());
  }
  return values;
}

// The id of a field like ["</s>", 2].
absl::StatusOr<int64_t> NamedId(const Component& component, absl::string_view key) {
  const nlohmann::json& pair = component.Field(key).json();
  if (!pair.is_array() || pair.size() != 2 || !IsId(pair[1])) {
    return component.Invalid(absl::StrCat("field \"", key, "\" must be a token and its id"));
  }
  return pair[1].get<int64_t>();
}

}  // namespace

absl::StatusOr<PostProcessor> PostProcessor::Read(const Component& component) {
  if (component.is_null()) return PostProcessor();
  const std::string type = component.Type();
  if (type == "ByteLevel") return PostProcessor();  // trims offsets, which we do not have
  if (type == "Sequence") return ReadSequence(component);
  if (type == "TemplateProcessing") return ReadTemplate(component);
  if (type == "RobertaProcessing" || type == "BertProcessing") return ReadClassifier(component);
  return component.TypeNotImplemented("post-processor", kImplemented);
}

absl::StatusOr<PostProcessor> PostProcessor::ReadSequence(const Component& component) {
  PS_ASSIGN_OR_RETURN(const std::vector<Component> elements, component.Elements("processors"));
  PostProcessor all;
  for (const Component& element : elements) {
    if (element.is_null()) return component.Invalid("an element of \"processors\" is null");
    PS_ASSIGN_OR_RETURN(PostProcessor one, Read(element));
    if (!one.parts_.has_value()) continue;
    if (all.parts_.has_value())
      return component.NotImplemented("more than one post-processor that adds tokens");
    all = std::move(one);
  }
  return all;
}

absl::StatusOr<PostProcessor> PostProcessor::ReadTemplate(const Component& component) {
  PS_ASSIGN_OR_RETURN(const std::vector<Component> pieces, component.Elements("single"));
  if (pieces.size() > kMaxParts) {
    return component.NotImplemented(absl::StrCat("a template of more than ", kMaxParts, " pieces"));
  }
  std::vector<Part> parts;
  for (const Component& piece : pieces) {
    const Component sequence = piece.Field("Sequence");
    if (!sequence.is_null()) {
      PS_ASSIGN_OR_RETURN(const std::string id, sequence.String("id"));
      if (id != "A") return piece.Invalid("a single text has no second sequence");
      parts.push_back({true, {}});
      continue;
    }
    PS_ASSIGN_OR_RETURN(const std::string name, piece.Field("SpecialToken").String("id"));
    PS_ASSIGN_OR_RETURN(std::vector<int64_t> ids, SpecialTokenIds(component, name));
    parts.push_back({false, std::move(ids)});
  }
  PostProcessor processor;
  processor.parts_ = std::move(parts);
  return processor;
}

absl::StatusOr<PostProcessor> PostProcessor::ReadClassifier(const Component& component) {
  PS_ASSIGN_OR_RETURN(const int64_t cls, NamedId(component, "cls"));
  PS_ASSIGN_OR_RETURN(const int64_t sep, NamedId(component, "sep"));
  PostProcessor processor;
  processor.parts_ = {{false, {cls}}, {true, {}}, {false, {sep}}};
  return processor;
}

std::vector<int64_t> PostProcessor::Apply(std::vector<int64_t> text, bool add_special_tokens) const {
  if (!parts_.has_value()) return text;
  std::vector<int64_t> ids;
  ids.reserve(text.size() + parts_->size());
  for (const Part& part : *parts_) {
    if (part.is_text) {
      ids.insert(ids.end(), text.begin(), text.end());
    } else if (add_special_tokens) {
      ids.insert(ids.end(), part.ids.begin(), part.ids.end());
    }
  }
  return ids;
}

}  // namespace probesweep::worker
