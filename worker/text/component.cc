#include "worker/text/component.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/unicode.h"

namespace probesweep::worker {
namespace {

using Json = nlohmann::json;

constexpr int kMaxDepth = 16;
constexpr size_t kMaxElements = 1 << 17;  // tokens added to a vocabulary are some thousands

const Json& Null() {
  static const Json* const null = new Json();
  return *null;
}

const Json& At(const Json& value, absl::string_view key) {
  if (!value.is_object()) return Null();
  const auto found = value.find(std::string(key));
  return found == value.end() ? Null() : *found;
}

}  // namespace

Component::Component(const Json& value, std::string file) : Component(value, std::move(file), "", 0) {}

Component::Component(const Json& value, std::string file, std::string path, int depth)
    : value_(&value), file_(std::move(file)), path_(std::move(path)), depth_(depth) {}

bool Component::is_null() const { return value_->is_null(); }

std::string Component::Type() const {
  const Json& type = At(*value_, "type");
  return type.is_string() ? type.get<std::string>() : "";
}

bool Component::Has(absl::string_view key) const { return !At(*value_, key).is_null(); }

absl::StatusOr<bool> Component::Bool(absl::string_view key) const {
  const Json& field = At(*value_, key);
  if (!field.is_boolean()) return Invalid(absl::StrCat("field \"", key, "\" must be true or false"));
  return field.get<bool>();
}

absl::StatusOr<bool> Component::BoolOr(absl::string_view key, bool otherwise) const {
  if (!Has(key)) return otherwise;
  return Bool(key);
}

absl::StatusOr<std::string> Component::String(absl::string_view key) const {
  const Json& field = At(*value_, key);
  if (!field.is_string()) return Invalid(absl::StrCat("field \"", key, "\" must be a string"));
  return field.get<std::string>();
}

absl::StatusOr<int64_t> Component::Integer(absl::string_view key) const {
  const Json& field = At(*value_, key);
  if (!field.is_number_unsigned() || field.get<uint64_t>() > UINT32_MAX) {
    return Invalid(absl::StrCat("field \"", key, "\" must be a whole number below 2^32"));
  }
  return field.get<int64_t>();
}

absl::StatusOr<char32_t> Component::Character(absl::string_view key) const {
  const Json& field = At(*value_, key);
  if (field.is_string() && !field.get_ref<const std::string&>().empty()) {
    const std::string& text = field.get_ref<const std::string&>();
    size_t offset = 0;
    const char32_t c = NextCodePoint(text, &offset);
    if (offset == text.size()) return c;
  }
  return Invalid(absl::StrCat("field \"", key, "\" must be one character"));
}

Component Component::Field(absl::string_view key) const {
  return Component(At(*value_, key), file_, absl::StrCat(path_, path_.empty() ? "" : ".", key), depth_);
}

absl::StatusOr<std::vector<Component>> Component::Elements(absl::string_view key) const {
  const Component field = Field(key);
  if (!field.json().is_array()) return Invalid(absl::StrCat("field \"", key, "\" must be a list"));
  if (depth_ >= kMaxDepth) return Invalid("components are nested too deeply");
  if (field.json().size() > kMaxElements) {
    return Invalid(absl::StrCat("field \"", key, "\" has more than ", kMaxElements, " elements"));
  }
  std::vector<Component> elements;
  elements.reserve(field.json().size());
  for (const Json& element : field.json()) {
    elements.push_back(
        Component(element, file_, absl::StrCat(field.path_, "[", elements.size(), "]"), depth_ + 1));
  }
  return elements;
}

absl::Status Component::Invalid(absl::string_view what) const {
  return absl::InvalidArgumentError(absl::StrCat(file_, path_.empty() ? "" : ": ", path_, ": ", what,
                                                 "; the file is damaged or not a tokenizer: copy it again"));
}

absl::Status Component::TypeNotImplemented(absl::string_view what, absl::string_view implemented) const {
  const std::string type = Type();
  return absl::UnimplementedError(absl::StrCat(
      file_, ": ", path_, ": ", what, " ", type.empty() ? "without a type" : absl::StrCat("\"", type, "\""),
      " is not implemented; implemented: ", implemented,
      ". Use a checkpoint whose tokenizer needs only these"));
}

absl::Status Component::NotImplemented(absl::string_view what) const {
  return absl::UnimplementedError(absl::StrCat(file_, ": ", path_, ": ", what,
                                               " is not implemented. Use a checkpoint whose tokenizer does "
                                               "without it"));
}

}  // namespace probesweep::worker
