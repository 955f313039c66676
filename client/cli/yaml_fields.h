// Reads one YAML map field by field and keeps every mistake with its place.
#ifndef PROBESWEEP_CLIENT_CLI_YAML_FIELDS_H_
#define PROBESWEEP_CLIENT_CLI_YAML_FIELDS_H_

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace probesweep::client {

// What is wrong in one file, so that an author can mend all of it at once. Not thread-safe.
class Mistakes {
 public:
  // `file` as its author named it.
  explicit Mistakes(std::string file) : file_(std::move(file)) {}

  void Add(const YAML::Mark& mark, absl::string_view field, absl::string_view what);

  // OK, or INVALID_ARGUMENT with a line for each mistake in the file's order: "sweep.yaml:7: field: what".
  absl::Status status() const;

 private:
  const std::string file_;
  std::vector<std::pair<int, std::string>> lines_;
};

// Parses YAML text. Errors: INVALID_ARGUMENT with file, line and what the parser did not understand.
absl::StatusOr<YAML::Node> ParseYaml(const std::string& text, const std::string& file);

// The fields of one map. A field that is wrong is reported to `mistakes` and read as absent. Not thread-safe.
class YamlFields {
 public:
  // `path` of the map within the file, "" for the file itself. Reports a node that is no map, unknown fields
  // with the nearest of the `known`, and fields that are there twice.
  YamlFields(const YAML::Node& node, std::string path, std::vector<std::string> known, Mistakes& mistakes);

  bool Has(const std::string& field) const { return fields_.count(field) > 0; }
  // Reports a field that is not there. Returns whether it is.
  bool Require(const std::string& field);

  // Reported when it is not there; "" then.
  std::string RequiredText(const std::string& field);
  std::optional<std::string> Text(const std::string& field);
  // 1 to 64 letters, digits, '_', '-', '.': the coordinator's rule for names, told here with the line.
  std::optional<std::string> Name(const std::string& field);
  // One of the `known`, else reported with the nearest.
  std::optional<std::string> Choice(const std::string& field, const std::vector<std::string>& known);
  // A list of the `known`, each at most once.
  std::optional<std::vector<std::string>> Choices(const std::string& field,
                                                  const std::vector<std::string>& known);
  std::optional<double> Number(const std::string& field);
  std::optional<int64_t> Count(const std::string& field);  // an integer, 0 or more
  std::optional<bool> Flag(const std::string& field);
  // The elements of a list that has at least one.
  std::vector<YAML::Node> RequiredList(const std::string& field);
  std::vector<YAML::Node> List(const std::string& field);
  // The map under a field; absent when the field is.
  std::optional<YAML::Node> Map(const std::string& field);

  // Reports what the caller found wrong with a field.
  void Refuse(const std::string& field, absl::string_view what);
  std::string PathOf(const std::string& field) const;

 private:
  void Index(const YAML::Node& node, const std::vector<std::string>& known);
  // The scalar's text when the field is there and is one; `expected` completes "must be …".
  std::optional<std::string> Scalar(const std::string& field, absl::string_view expected);

  const std::string path_;
  const YAML::Mark mark_;
  bool is_map_ = false;
  std::map<std::string, YAML::Node> fields_;
  std::map<std::string, YAML::Mark> marks_;  // where each field's name stands
  Mistakes& mistakes_;
};

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLI_YAML_FIELDS_H_
