#include "client/cli/sweep_file.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/yaml_fields.h"
#include "common/analysis_config.h"
#include "common/edit_distance.h"
#include "common/file.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

constexpr uint64_t kMaxSweepFileBytes = 16 << 20;
constexpr double kDefaultSteeringShare = 0.5;

// The coordinator has the same rule; here it is told with the line.
bool IsName(const std::string& text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.';
  });
}

std::string ReadName(YamlFields& fields, const std::string& field) {
  const std::string name = fields.RequiredText(field);
  if (!name.empty() && !IsName(name)) {
    fields.Refuse(field, absl::StrCat("'", name, "' is no name; use 1 to 64 letters, digits, '_', '-', '.'"));
  }
  return name;
}

std::string OneOf(const std::string& value, const std::vector<std::string>& known) {
  const std::string nearest = NearestName(value, known);
  return absl::StrCat("'", value, "' is unknown",
                      nearest.empty() ? absl::StrCat("; there are: ", absl::StrJoin(known, ", "))
                                      : absl::StrCat("; did you mean '", nearest, "'?"));
}

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
    spec.set_name(ReadName(fields, "name"));
    spec.set_model(fields.RequiredText("model"));
    ReadCheckpoints(fields);
    spec.set_tokens_per_step(fields.Count("tokens_per_step").value_or(0));
    ReadDimensions(fields);
    ReadAnalysis(fields);
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
    std::set<std::string> names;
    int index = 0;
    for (const YAML::Node& node : fields.RequiredList("dimensions")) {
      const std::string place = absl::StrCat("dimensions[", index++, "]");
      YamlFields dimension(
          node, place, {"name", "dataset", "dataset_name", "label_meaning", "steering_share", "group_column"},
          mistakes_);
      v1::Dimension& to = *file_.spec.add_dimensions();
      to.set_name(ReadName(dimension, "name"));
      if (!to.name().empty() && !names.insert(to.name()).second) {
        dimension.Refuse("name", absl::StrCat("'", to.name(), "' is there twice"));
      }
      ReadDataset(dimension, to);
      to.set_label_meaning(dimension.Text("label_meaning").value_or(""));
      to.set_steering_share(dimension.Number("steering_share").value_or(kDefaultSteeringShare));
      if (!(to.steering_share() > 0 && to.steering_share() <= 1)) {
        dimension.Refuse("steering_share", "must be above 0 and at most 1");
      }
      to.set_group_column(dimension.Text("group_column").value_or(""));
    }
  }

  void ReadDataset(YamlFields& dimension, v1::Dimension& to) {
    std::string& bytes = file_.datasets.emplace_back();
    const std::string dataset = dimension.RequiredText("dataset");
    if (dataset.empty()) return;
    const std::string path = Absolute(dataset);
    to.set_dataset(dimension.Text("dataset_name").value_or(std::filesystem::path(path).stem().string()));
    absl::StatusOr<std::string> read = ReadFile(path);
    if (!read.ok()) {
      dimension.Refuse("dataset", read.status().message());
    } else if (absl::StripAsciiWhitespace(*read).empty()) {
      dimension.Refuse("dataset",
                       absl::StrCat(path, " is empty; it needs a header line and labelled statements"));
    } else {
      bytes = *std::move(read);
    }
  }

  // The protocols as listed, each known and named once.
  void ReadProtocols(YamlFields& fields, AnalysisConfig& config) {
    if (!fields.Has("protocols")) return;
    config.protocols.clear();
    for (const YAML::Node& node : fields.List("protocols")) {
      const std::string protocol = node.IsScalar() ? node.Scalar() : "";
      const auto& known = KnownProtocols();
      if (std::find(known.begin(), known.end(), protocol) == known.end()) {
        fields.Refuse("protocols", OneOf(protocol, known));
      } else if (std::count(config.protocols.begin(), config.protocols.end(), protocol) > 0) {
        fields.Refuse("protocols", absl::StrCat("'", protocol, "' is there twice"));
      }
      config.protocols.push_back(protocol);
    }
  }

  double ReadPositive(YamlFields& fields, const std::string& field, double fallback) {
    const double value = fields.Number(field).value_or(fallback);
    if (!(value > 0)) fields.Refuse(field, "must be above 0");
    return value;
  }

  void ReadAnalysis(YamlFields& parent) {
    AnalysisConfig config;
    if (const std::optional<YAML::Node> node = parent.Map("analysis")) {
      YamlFields fields(
          *node, "analysis",
          {"protocols", "probe_c", "hsic_sigma", "hsic_epsilon", "keep_probes", "keep_steering_vectors"},
          mistakes_);
      ReadProtocols(fields, config);
      config.probe_c = ReadPositive(fields, "probe_c", config.probe_c);
      config.hsic_sigma = ReadPositive(fields, "hsic_sigma", config.hsic_sigma);
      config.hsic_epsilon = ReadPositive(fields, "hsic_epsilon", config.hsic_epsilon);
      config.keep_probes = fields.Flag("keep_probes").value_or(config.keep_probes);
      config.keep_steering_vectors =
          fields.Flag("keep_steering_vectors").value_or(config.keep_steering_vectors);
    }
    v1::AnalysisConfig& to = *file_.spec.mutable_analysis();
    for (const std::string& protocol : config.protocols) to.add_protocols(protocol);
    to.set_probe_c(config.probe_c);
    to.set_hsic_sigma(config.hsic_sigma);
    to.set_hsic_epsilon(config.hsic_epsilon);
    to.set_keep_probes(config.keep_probes);
    to.set_keep_steering_vectors(config.keep_steering_vectors);
  }

  void ReadPriority(YamlFields& fields) {
    const std::string priority = fields.Text("priority").value_or("normal");
    const std::vector<std::string> known = {"low", "normal", "high"};
    const auto found = std::find(known.begin(), known.end(), priority);
    if (found == known.end()) {
      fields.Refuse("priority", OneOf(priority, known));
      return;
    }
    file_.spec.set_priority(static_cast<v1::Priority>(v1::PRIORITY_LOW + (found - known.begin())));
  }

  const std::filesystem::path folder_;
  Mistakes& mistakes_;
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
