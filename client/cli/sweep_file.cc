#include "client/cli/sweep_file.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/cli/analysis_fields.h"
#include "client/cli/dimension_file.h"
#include "client/cli/yaml_fields.h"
#include "common/file.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

constexpr uint64_t kMaxSweepFileBytes = 16 << 20;
constexpr double kDefaultSteeringShare = 0.5;

class SweepReader {
 public:
  SweepReader(const std::string& path, Mistakes& mistakes)
      : folder_(std::filesystem::absolute(path).parent_path()), mistakes_(mistakes) {}

  SweepFile Read(const YAML::Node& root) {
    YamlFields fields(
        root, "",
        {"name", "model", "checkpoints", "tokens_per_step", "dimensions", "analysis", "priority", "weight"},
        mistakes_);
    v1::SweepSpec& spec = file_.spec;
    if (fields.Require("name")) spec.set_name(fields.Name("name").value_or(""));
    spec.set_model(fields.RequiredText("model"));
    ReadCheckpoints(fields);
    spec.set_tokens_per_step(fields.Count("tokens_per_step").value_or(0));
    ReadDimensions(fields);
    *spec.mutable_analysis() = ToProto(ReadAnalysis(fields, mistakes_));
    ReadPriority(fields);
    const double weight = fields.Number("weight").value_or(1);
    if (!(weight > 0 && weight <= 1e6)) fields.Refuse("weight", "must be above 0 and at most 1000000");
    spec.set_weight(weight);
    return std::move(file_);
  }

 private:
  std::string Absolute(const std::string& path) const { return (folder_ / path).string(); }

  void ReadCheckpoints(YamlFields& fields) {
    int index = 0;
    for (const YAML::Node& node : fields.RequiredList("checkpoints")) {
      const std::string place = absl::StrCat("checkpoints[", index++, "]");
      v1::CheckpointPattern& pattern = *file_.spec.add_checkpoints();
      if (node.IsScalar() && !node.Scalar().empty()) {
        pattern.set_pattern(Absolute(node.Scalar()));
        continue;
      }
      YamlFields checkpoint(node, place, {"path", "step", "tokens"}, mistakes_);
      pattern.set_pattern(Absolute(checkpoint.RequiredText("path")));
      if (const auto step = checkpoint.Count("step")) pattern.set_step(*step);
      if (const auto tokens = checkpoint.Count("tokens")) pattern.set_tokens(*tokens);
    }
  }

  void ReadDimensions(YamlFields& fields) {
    int index = 0;
    for (const YAML::Node& node : fields.RequiredList("dimensions")) {
      ReadDimension(node, absl::StrCat("dimensions[", index++, "]"));
    }
  }

  void ReadDimension(const YAML::Node& node, const std::string& place) {
    std::vector<std::string> known = SharedDimensionFields();
    known.push_back("file");
    YamlFields entry(node, place, known, mistakes_);
    const DimensionFields fields = ReadEntry(entry);
    v1::Dimension& to = *file_.spec.add_dimensions();
    to.set_name(fields.name.value_or(""));
    if (fields.name && !names_.insert(*fields.name).second) {
      entry.Refuse("name", absl::StrCat("'", *fields.name, "' is there twice"));
    }
    ReadDataset(entry, fields);
    to.set_dataset(DatasetName(fields));
    to.set_label_meaning(fields.label_meaning.value_or(""));
    to.set_steering_share(fields.steering_share.value_or(kDefaultSteeringShare));
    const Grouping grouping = fields.grouping.value_or(Grouping());
    to.set_group_column(grouping.column);
    to.set_group_rule(grouping.rule);
  }

  // The entry's fields, else those of its dimension file, whose mistakes are told at the entry.
  DimensionFields ReadEntry(YamlFields& entry) {
    DimensionFields fields = ReadSharedFields(entry, folder_.string());
    if (const std::optional<std::string> path = entry.Text("file")) {
      const absl::StatusOr<DimensionFields> file = ReadDimensionFile(Absolute(*path));
      if (!file.ok()) {
        for (const absl::string_view line : absl::StrSplit(file.status().message(), '\n')) {
          entry.Refuse("file", line);
        }
        return fields;
      }
      fields = Merged(fields, *file);
    }
    if (!fields.name) entry.Require("name");
    if (!fields.dataset) entry.Require("dataset");
    return fields;
  }

  void ReadDataset(YamlFields& entry, const DimensionFields& fields) {
    std::string& bytes = file_.datasets.emplace_back();
    if (!fields.dataset) return;
    const std::string field = entry.Has("dataset") ? "dataset" : "file";
    absl::StatusOr<std::string> read = ReadFile(*fields.dataset);
    if (!read.ok()) {
      entry.Refuse(field,
                   absl::StrCat(read.status().message(),
                                fields.url ? absl::StrCat("; it is at ", *fields.url,
                                                          ": fetch it and say where it is in 'dataset'")
                                           : ""));
    } else if (absl::StripAsciiWhitespace(*read).empty()) {
      entry.Refuse(
          field, absl::StrCat(*fields.dataset, " is empty; it needs a header line and labelled statements"));
    } else {
      bytes = *std::move(read);
      const std::string warning = ChecksumWarning(fields, bytes);
      if (!warning.empty()) file_.warnings.push_back(warning);
    }
  }

  void ReadPriority(YamlFields& fields) {
    const std::vector<std::string> known = {"low", "normal", "high"};
    const std::string priority = fields.Choice("priority", known).value_or("normal");
    const auto index = std::find(known.begin(), known.end(), priority) - known.begin();
    file_.spec.set_priority(static_cast<v1::Priority>(v1::PRIORITY_LOW + index));
  }

  const std::filesystem::path folder_;
  Mistakes& mistakes_;
  std::set<std::string> names_;  // of dimensions
  SweepFile file_;
};

}  // namespace

absl::StatusOr<SweepFile> ReadSweepFile(const std::string& path) {
  PS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxSweepFileBytes));
  PS_ASSIGN_OR_RETURN(const YAML::Node root, ParseYaml(text, path));
  Mistakes mistakes(path);
  try {
    SweepFile file = SweepReader(path, mistakes).Read(root);
    PS_RETURN_IF_ERROR(mistakes.status());
    return file;
  } catch (const std::filesystem::filesystem_error& error) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", error.what()));
  }
}

}  // namespace probesweep::client
