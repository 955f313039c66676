#include "client/cli/yaml_fields.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/edit_distance.h"

namespace probesweep::client {
namespace {

// A node that is there but says nothing, as in "name:".
bool SaysNothing(const YAML::Node& node) { return !node.IsDefined() || node.IsNull(); }

std::string UnknownField(const std::string& name, const std::vector<std::string>& known) {
  const std::string nearest = NearestName(name, known);
  return nearest.empty() ? absl::StrCat("unknown field; there are: ", absl::StrJoin(known, ", "))
                         : absl::StrCat("unknown field; did you mean '", nearest, "'?");
}

bool IsName(const std::string& text) {
  return text.size() <= 64 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.';
         });
}

bool Contains(const std::vector<std::string>& values, const std::string& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

std::string UnknownValue(const std::string& value, const std::vector<std::string>& known) {
  const std::string nearest = NearestName(value, known);
  return absl::StrCat("'", value, "' is unknown",
                      nearest.empty() ? absl::StrCat("; there are: ", absl::StrJoin(known, ", "))
                                      : absl::StrCat("; did you mean '", nearest, "'?"));
}

}  // namespace

void Mistakes::Add(const YAML::Mark& mark, absl::string_view field, absl::string_view what) {
  // A null mark (-1) is an empty document's.
  const int line = std::max(mark.line, 0) + 1;
  lines_.emplace_back(line, absl::StrCat(file_, ":", line, ": ", field, field.empty() ? "" : ": ", what));
}

absl::Status Mistakes::status() const {
  if (lines_.empty()) return absl::OkStatus();
  auto lines = lines_;
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  return absl::InvalidArgumentError(
      absl::StrJoin(lines, "\n", [](std::string* out, const auto& line) { out->append(line.second); }));
}

absl::StatusOr<YAML::Node> ParseYaml(const std::string& text, const std::string& file) {
  try {
    return YAML::Load(text);
  } catch (const YAML::Exception& error) {
    // What yaml-cpp says of `- {a,b}/step1`, a path that YAML takes for a map.
    const bool text_behind_brace =
        error.msg == YAML::ErrorMsg::END_OF_SEQ || error.msg == YAML::ErrorMsg::END_OF_MAP;
    Mistakes mistakes(file);
    mistakes.Add(
        error.mark, "",
        absl::StrCat("this is not YAML: ", error.msg,
                     text_behind_brace ? "; text that begins with { or [ needs quotes around it" : ""));
    return mistakes.status();
  }
}

YamlFields::YamlFields(const YAML::Node& node, std::string path, std::vector<std::string> known,
                       Mistakes& mistakes)
    : path_(std::move(path)), mark_(node.Mark()), mistakes_(mistakes) {
  if (!node.IsMap()) {
    mistakes_.Add(mark_, path_,
                  absl::StrCat(SaysNothing(node) ? "is empty" : "must be a map", "; give the fields ",
                               absl::StrJoin(known, ", ")));
    return;
  }
  is_map_ = true;
  Index(node, known);
}

void YamlFields::Index(const YAML::Node& node, const std::vector<std::string>& known) {
  for (const auto& entry : node) {
    if (!entry.first.IsScalar()) {
      mistakes_.Add(entry.first.Mark(), path_, "a field's name must be plain text");
      continue;
    }
    const std::string& name = entry.first.Scalar();
    if (!Contains(known, name)) {
      mistakes_.Add(entry.first.Mark(), PathOf(name), UnknownField(name, known));
    } else if (!fields_.emplace(name, entry.second).second) {
      mistakes_.Add(entry.first.Mark(), PathOf(name), "is there twice");
    } else {
      marks_[name] = entry.first.Mark();
    }
  }
}

std::string YamlFields::PathOf(const std::string& field) const {
  return path_.empty() ? field : absl::StrCat(path_, ".", field);
}

void YamlFields::Refuse(const std::string& field, absl::string_view what) {
  const auto found = marks_.find(field);
  mistakes_.Add(found == marks_.end() ? mark_ : found->second, PathOf(field), what);
}

bool YamlFields::Require(const std::string& field) {
  if (Has(field)) return true;
  // A node that is no map has been reported already.
  if (is_map_) Refuse(field, "is missing");
  return false;
}

std::optional<std::string> YamlFields::Scalar(const std::string& field, absl::string_view expected) {
  const auto found = fields_.find(field);
  if (found == fields_.end()) return std::nullopt;
  if (SaysNothing(found->second) || (found->second.IsScalar() && found->second.Scalar().empty())) {
    Refuse(field, absl::StrCat("is empty; it must be ", expected));
    return std::nullopt;
  }
  if (!found->second.IsScalar()) {
    Refuse(field, absl::StrCat("must be ", expected, ", not a ", found->second.IsMap() ? "map" : "list"));
    return std::nullopt;
  }
  return found->second.Scalar();
}

std::string YamlFields::RequiredText(const std::string& field) {
  return Require(field) ? Text(field).value_or("") : "";
}

std::optional<std::string> YamlFields::Text(const std::string& field) { return Scalar(field, "text"); }

std::optional<std::string> YamlFields::Name(const std::string& field) {
  const std::optional<std::string> name = Text(field);
  if (!name || IsName(*name)) return name;
  Refuse(field, absl::StrCat("'", *name, "' is no name; use 1 to 64 letters, digits, '_', '-', '.'"));
  return std::nullopt;
}

std::optional<std::string> YamlFields::Choice(const std::string& field,
                                              const std::vector<std::string>& known) {
  const std::optional<std::string> value = Text(field);
  if (!value || Contains(known, *value)) return value;
  Refuse(field, UnknownValue(*value, known));
  return std::nullopt;
}

std::optional<std::vector<std::string>> YamlFields::Choices(const std::string& field,
                                                            const std::vector<std::string>& known) {
  if (!Has(field)) return std::nullopt;
  std::vector<std::string> chosen;
  for (const YAML::Node& node : List(field)) {
    const std::string value = node.IsScalar() ? node.Scalar() : "";
    if (!Contains(known, value)) {
      Refuse(field, UnknownValue(value, known));
    } else if (Contains(chosen, value)) {
      Refuse(field, absl::StrCat("'", value, "' is there twice"));
    }
    chosen.push_back(value);
  }
  return chosen;
}

std::optional<double> YamlFields::Number(const std::string& field) {
  const std::optional<std::string> text = Scalar(field, "a number");
  double number = 0;
  if (!text) return std::nullopt;
  if (absl::SimpleAtod(*text, &number) && std::isfinite(number)) return number;
  Refuse(field, absl::StrCat("'", *text, "' must be a number"));
  return std::nullopt;
}

std::optional<int64_t> YamlFields::Count(const std::string& field) {
  const std::optional<std::string> text = Scalar(field, "a whole number");
  int64_t number = 0;
  if (!text) return std::nullopt;
  if (absl::SimpleAtoi(*text, &number) && number >= 0) return number;
  Refuse(field, absl::StrCat("'", *text, "' must be a whole number, 0 or more"));
  return std::nullopt;
}

std::optional<bool> YamlFields::Flag(const std::string& field) {
  const std::optional<std::string> text = Scalar(field, "true or false");
  bool flag = false;
  if (!text) return std::nullopt;
  if (YAML::convert<bool>::decode(fields_.at(field), flag)) return flag;
  Refuse(field, absl::StrCat("'", *text, "' must be true or false"));
  return std::nullopt;
}

std::vector<YAML::Node> YamlFields::List(const std::string& field) {
  const auto found = fields_.find(field);
  if (found == fields_.end()) return {};
  if (!found->second.IsSequence() || found->second.size() == 0) {
    Refuse(field, found->second.IsScalar() || found->second.IsMap()
                      ? "must be a list: write each entry after '- '"
                      : "is empty; list at least one");
    return {};
  }
  return {found->second.begin(), found->second.end()};
}

std::vector<YAML::Node> YamlFields::RequiredList(const std::string& field) {
  return Require(field) ? List(field) : std::vector<YAML::Node>();
}

std::optional<YAML::Node> YamlFields::Map(const std::string& field) {
  const auto found = fields_.find(field);
  if (found == fields_.end()) return std::nullopt;
  return found->second;
}

}  // namespace probesweep::client
