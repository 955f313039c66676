#include "dataset/import/stereoset.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status.h"

namespace probesweep {
namespace {

using Json = nlohmann::json;

// A value and how to get to it from the root, for messages.
struct Place {
  const Json* value;
  std::string path;
};

absl::Status Refuse(const Place& place, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(place.path, ": ", what));
}

absl::StatusOr<Place> Member(const Place& object, const std::string& key) {
  const auto found = object.value->is_object() ? object.value->find(key) : object.value->end();
  const std::string path = absl::StrCat(object.path, object.path.empty() ? "" : ".", key);
  if (found == object.value->end()) {
    return Refuse({nullptr, path}, "is missing; give dev.json as published");
  }
  return Place{&*found, path};
}

absl::StatusOr<std::vector<Place>> Elements(const Place& object, const std::string& key) {
  PS_ASSIGN_OR_RETURN(const Place array, Member(object, key));
  if (!array.value->is_array()) return Refuse(array, "is no array; give dev.json as published");
  std::vector<Place> elements;
  for (const Json& element : *array.value) {
    elements.push_back({&element, absl::StrCat(array.path, "[", elements.size(), "]")});
  }
  return elements;
}

absl::StatusOr<std::string> Text(const Place& object, const std::string& key) {
  PS_ASSIGN_OR_RETURN(const Place text, Member(object, key));
  if (!text.value->is_string() ||
      absl::StripAsciiWhitespace(text.value->get_ref<const std::string&>()).empty()) {
    return Refuse(text, "must be a text that is not empty; write it, or leave the entry out");
  }
  return text.value->get<std::string>();
}

absl::StatusOr<Json> Parse(absl::string_view json) {
  PS_RETURN_IF_ERROR(CheckUtf8(json));
  try {
    return Json::parse(json.begin(), json.end());
  } catch (const Json::parse_error& error) {
    const size_t at = std::min(json.size(), error.byte);
    return RefuseLine(1 + std::count(json.begin(), json.begin() + at, '\n'),
                      "the text is not JSON from here on; give dev.json as published, whole");
  }
}

class Importer {
 public:
  explicit Importer(bool with_context) : with_context_(with_context) {}

  absl::Status AddContext(const Place& context);
  ImportedDataset Finish();

 private:
  absl::Status AddSentence(const Place& sentence, const std::string& context, const std::string& id);

  const bool with_context_;
  int64_t left_out_ = 0;
  ImportedDataset dataset_;
};

absl::Status Importer::AddSentence(const Place& sentence, const std::string& context, const std::string& id) {
  PS_ASSIGN_OR_RETURN(const std::string text, Text(sentence, "sentence"));
  PS_ASSIGN_OR_RETURN(const std::string label, Text(sentence, "gold_label"));
  if (label == "anti-stereotype") {
    ++left_out_;
    return absl::OkStatus();
  }
  if (label != "stereotype" && label != "unrelated") {
    return Refuse({nullptr, sentence.path + ".gold_label"},
                  absl::StrCat("is '", label, "'; write stereotype, anti-stereotype or unrelated"));
  }
  const std::string statement = with_context_ ? absl::StrCat(context, " ", text) : text;
  dataset_.rows.push_back({statement, label == "stereotype" ? 1 : 0, id});
  return absl::OkStatus();
}

absl::Status Importer::AddContext(const Place& context) {
  PS_ASSIGN_OR_RETURN(const std::string text, Text(context, "context"));
  PS_ASSIGN_OR_RETURN(const std::string id, Text(context, "id"));
  PS_ASSIGN_OR_RETURN(const std::vector<Place> sentences, Elements(context, "sentences"));
  for (const Place& sentence : sentences) PS_RETURN_IF_ERROR(AddSentence(sentence, text, id));
  return absl::OkStatus();
}

ImportedDataset Importer::Finish() {
  dataset_.label_meaning = "the text is a stereotype (0 is an unrelated text)";
  if (left_out_ > 0) {
    dataset_.notes.push_back(absl::StrCat("Anti-stereotypes left out: ", left_out_,
                                          ". Label 1 is the stereotype, 0 the unrelated text."));
  }
  return std::move(dataset_);
}

}  // namespace

const std::vector<std::string>& KnownStereosetParts() {
  static const auto* const parts = new std::vector<std::string>{"intersentence", "intrasentence"};
  return *parts;
}

absl::StatusOr<ImportedDataset> ImportStereoset(absl::string_view json, absl::string_view part,
                                                absl::string_view bias_type) {
  const std::vector<std::string>& parts = KnownStereosetParts();
  if (std::find(parts.begin(), parts.end(), part) == parts.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("there is no part '", part, "'; choose ", absl::StrJoin(parts, " or ")));
  }
  PS_ASSIGN_OR_RETURN(const Json root, Parse(json));
  PS_ASSIGN_OR_RETURN(const Place data, Member({&root, ""}, "data"));
  PS_ASSIGN_OR_RETURN(const std::vector<Place> contexts, Elements(data, std::string(part)));
  Importer importer(part == "intersentence");
  std::set<std::string> bias_types;
  for (const Place& context : contexts) {
    PS_ASSIGN_OR_RETURN(const std::string type, Text(context, "bias_type"));
    bias_types.insert(type);
    if (bias_type.empty() || type == bias_type) PS_RETURN_IF_ERROR(importer.AddContext(context));
  }
  if (!bias_type.empty() && bias_types.count(std::string(bias_type)) == 0) {
    return absl::InvalidArgumentError(absl::StrCat("no context of bias_type '", bias_type, "' in data.", part,
                                                   "; there are: ", absl::StrJoin(bias_types, ", ")));
  }
  return importer.Finish();
}

}  // namespace probesweep
