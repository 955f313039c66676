#include "worker/checkpoint/config_file.h"

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/file.h"
#include "common/json_extent.h"
#include "common/printable.h"
#include "common/status.h"

namespace probesweep::worker {
namespace {

using nlohmann::json;

// Larger than any configuration; guards against a path that names something else.
constexpr uint64_t kMaxConfigBytes = 16 << 20;
// The same for what is in it: labels of some ten thousand classes are the most that there is.
constexpr int kMaxNesting = 64;
constexpr size_t kMaxValues = 100'000;
constexpr size_t kMaxModelTypeBytes = 64;

// The value at a dotted path, or null.
const json* At(const json& root, absl::string_view path) {
  const json* value = &root;
  for (const absl::string_view key : absl::StrSplit(path, '.')) {
    if (!value->is_object()) return nullptr;
    const auto found = value->find(std::string(key));
    if (found == value->end() || found->is_null()) return nullptr;
    value = &*found;
  }
  return value;
}

// A value for a message.
std::string Shown(const json& value) {
  if (value.is_structured()) return value.is_array() ? "a list" : "an object";
  return Printable(value.dump(-1, ' ', false, json::error_handler_t::replace), 64);
}

absl::Status CheckFolder(const std::string& folder) {
  std::error_code error;
  if (std::filesystem::is_directory(folder, error)) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("checkpoint folder ", folder, " does not exist on this worker (",
                                          error ? error.message() : "it is not a folder",
                                          "); check the path, and that it is mounted here"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<json>> ParseConfig(const std::string& text, const std::string& path) {
  const JsonExtent extent = MeasureJson(text);
  if (extent.depth > kMaxNesting || extent.values > kMaxValues) {
    return absl::InvalidArgumentError(absl::StrCat(path, " nests lists or objects more than ", kMaxNesting,
                                                   " deep or holds more than ", kMaxValues,
                                                   " values; it is no model's configuration"));
  }
  auto parsed = std::make_unique<json>(json::parse(text, nullptr, /*allow_exceptions=*/false));
  if (parsed->is_object()) return parsed;
  return absl::InvalidArgumentError(absl::StrCat(path, " is not a JSON object; is the file complete?"));
}

ConfigFile::ConfigFile(std::string path, std::unique_ptr<json> json)
    : path_(std::move(path)), json_(std::move(json)) {}
ConfigFile::ConfigFile(ConfigFile&&) noexcept = default;
ConfigFile& ConfigFile::operator=(ConfigFile&&) noexcept = default;
ConfigFile::~ConfigFile() = default;

absl::StatusOr<ConfigFile> ConfigFile::Open(const std::string& folder) {
  PS_RETURN_IF_ERROR(CheckFolder(folder));
  const std::string path = folder + "/config.json";
  const absl::StatusOr<std::string> text = ReadFile(path, kMaxConfigBytes);
  if (absl::IsNotFound(text.status())) {
    return absl::NotFoundError(absl::StrCat(
        path, " does not exist; a checkpoint is a folder with config.json, weights and tokenizer.json"));
  }
  PS_RETURN_IF_ERROR(text.status());
  PS_ASSIGN_OR_RETURN(std::unique_ptr<json> parsed, ParseConfig(*text, path));
  ConfigFile config(path, std::move(parsed));
  PS_ASSIGN_OR_RETURN(config.model_type_, config.StringOr({"model_type"}, ""));
  if (config.model_type_.empty())
    return config.Invalid("model_type", "is missing; it names the architecture");
  if (config.model_type_.size() > kMaxModelTypeBytes) {
    return config.Invalid("model_type",
                          absl::StrCat("is '", Printable(config.model_type_, kMaxModelTypeBytes),
                                       "', which is no architecture's name"));
  }
  return config;
}

const json* ConfigFile::Find(Spellings field) const {
  for (const char* spelling : field) {
    if (const json* value = At(*json_, spelling); value != nullptr) return value;
  }
  return nullptr;
}

bool ConfigFile::IsNull(const char* field) const {
  const auto found = json_->find(field);
  return found != json_->end() && found->is_null();
}

bool ConfigFile::IsObject(const char* field) const {
  const auto found = json_->find(field);
  return found != json_->end() && found->is_object();
}

absl::StatusOr<int64_t> ConfigFile::Size(Spellings field) const {
  const json* value = Find(field);
  if (value == nullptr) return Invalid(*field.begin(), "is missing");
  const bool whole = value->is_number_integer() && *value >= 1 && *value <= INT32_MAX;
  if (!whole) return Invalid(*field.begin(), absl::StrCat("is ", Shown(*value), ", not a size above 0"));
  return value->get<int64_t>();
}

absl::StatusOr<double> ConfigFile::NumberOr(Spellings field, double otherwise) const {
  const json* value = Find(field);
  if (value == nullptr) return otherwise;
  if (!value->is_number() || !std::isfinite(value->get<double>())) {
    return Invalid(*field.begin(), absl::StrCat("is ", Shown(*value), ", not a number"));
  }
  return value->get<double>();
}

absl::StatusOr<bool> ConfigFile::BoolOr(Spellings field, bool otherwise) const {
  const json* value = Find(field);
  if (value == nullptr) return otherwise;
  if (!value->is_boolean()) {
    return Invalid(*field.begin(), absl::StrCat("is ", Shown(*value), ", neither true nor false"));
  }
  return value->get<bool>();
}

absl::StatusOr<std::string> ConfigFile::StringOr(Spellings field, const std::string& otherwise) const {
  const json* value = Find(field);
  if (value == nullptr) return otherwise;
  if (!value->is_string()) {
    return Invalid(*field.begin(), absl::StrCat("is ", Shown(*value), ", not a text"));
  }
  return value->get<std::string>();
}

absl::StatusOr<std::vector<std::string>> ConfigFile::Strings(Spellings field) const {
  std::vector<std::string> texts;
  const json* value = Find(field);
  if (value == nullptr) return texts;
  if (!value->is_array()) return Invalid(*field.begin(), absl::StrCat("is ", Shown(*value), ", not a list"));
  for (const json& element : *value) {
    if (!element.is_string()) {
      return Invalid(*field.begin(), absl::StrCat("holds ", Shown(element), ", not a text"));
    }
    texts.push_back(element.get<std::string>());
  }
  return texts;
}

absl::Status ConfigFile::Invalid(absl::string_view field, absl::string_view what) const {
  return absl::InvalidArgumentError(absl::StrCat(path_, ": field `", field, "` ", what));
}

absl::Status ConfigFile::NotImplemented(absl::string_view field, absl::string_view value,
                                        absl::string_view implemented) const {
  return absl::UnimplementedError(absl::StrCat(path_, ": field `", field, "` is ", Printable(value, 200),
                                               ", which is not supported; supported: ", implemented));
}

}  // namespace probesweep::worker
