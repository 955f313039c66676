#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <memory>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/dimension_file.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/number_format.h"
#include "common/status.h"
#include "dataset/import/formats.h"
#include "dataset/import/sst2.h"

namespace probesweep::client {
namespace {

constexpr uint64_t kMaxImportBytes = uint64_t{1} << 30;

struct ImportFlags {
  std::string format;
  std::string file;
  std::string output;
  std::string dimension;
  ImportOptions options;  // ratings: the file's name until it is read
};

// A file made here, as the dimension file describes it.
struct Made {
  const ImportFormat& format;
  const ImportedDataset& dataset;
  std::string source;  // the publication's file
  std::string csv;
};

// The file as it is found from the dimension file's folder; as named, where the working folder is gone.
std::string FromFolderOf(const std::string& dimension, const std::string& file) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path described = fs::absolute(dimension, error).lexically_normal();
  const fs::path made = fs::absolute(file, error).lexically_normal();
  return error ? file : made.lexically_relative(described.parent_path()).string();
}

std::string DescribedImport(const ImportFlags& flags, const Made& made) {
  std::string command = absl::StrCat("Made by `probesweep dimension import ", flags.format, "` from ",
                                     std::filesystem::path(flags.file).filename().string(), " (SHA-256 ",
                                     Sha256Hex(made.source), "), seed ", flags.options.seed);
  if (flags.format == "sst2") {
    absl::StrAppend(&command, ", rate ", FormatDouble(flags.options.rate.value_or(kDefaultPerturbationRate)));
  }
  return command + ".";
}

std::string DimensionYaml(const ImportFlags& flags, const Made& made) {
  YAML::Emitter yaml;
  yaml << YAML::Comment(DescribedImport(flags, made)) << YAML::BeginMap;
  const auto field = [&yaml](const char* name, const auto& value) {
    yaml << YAML::Key << name << YAML::Value << value;
  };
  field("name", made.format.dimension);
  field("dataset", FromFolderOf(flags.dimension, flags.output));
  field("dataset_name", made.format.name);
  field("label_meaning", made.dataset.label_meaning);
  const Grouping& grouping = made.format.grouping;
  field(grouping.rule.empty() ? "group_column" : "group_by",
        grouping.rule.empty() ? grouping.column : grouping.rule);
  field("publication", made.format.publication);
  field("licence", made.format.licence);
  field("sha256", Sha256Hex(made.csv));
  field("rows", made.dataset.rows.size());
  yaml << YAML::EndMap;
  return absl::StrCat(yaml.c_str(), "\n");
}

// One file for both would end as the one or the other.
absl::Status CheckFilesDiffer(const ImportFlags& flags) {
  const auto same = [](const std::string& a, const std::string& b) {
    std::error_code none;
    return a == b || std::filesystem::equivalent(a, b, none);
  };
  for (const std::string& other : {flags.file, flags.dimension, flags.options.ratings.value_or("")}) {
    if (other.empty() || !same(flags.output, other)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("--output ", flags.output, " is another of the named files; write to a new one"));
  }
  if (!flags.dimension.empty() && same(flags.dimension, flags.file)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--dimension ", flags.dimension, " is the file to import; write to a new one"));
  }
  return absl::OkStatus();
}

absl::Status ImportDimension(const ImportFlags& flags, Session& session) {
  PS_ASSIGN_OR_RETURN(const ImportFormat* format, FindImportFormat(flags.format));
  PS_RETURN_IF_ERROR(CheckFilesDiffer(flags));
  PS_ASSIGN_OR_RETURN(const std::string source, ReadFile(flags.file, kMaxImportBytes));
  ImportOptions options = flags.options;
  if (options.ratings) {
    options.ratings_name = *options.ratings;
    PS_ASSIGN_OR_RETURN(options.ratings, ReadFile(options.ratings_name, kMaxImportBytes));
  }
  const absl::StatusOr<ImportedDataset> dataset = Import(*format, source, options);
  if (!dataset.ok()) return Annotate(dataset.status(), absl::StrCat("importing ", flags.file));
  const Made made{*format, *dataset, source, DatasetCsv(*dataset, options.seed)};
  PS_RETURN_IF_ERROR(WriteFileAtomically(flags.output, made.csv));
  if (!flags.dimension.empty()) {
    PS_RETURN_IF_ERROR(WriteFileAtomically(flags.dimension, DimensionYaml(flags, made)));
  }
  for (const std::string& note : dataset->notes) session.err() << note << "\n";
  session.err() << "Wrote " << dataset->rows.size() << " rows to " << flags.output
                << "; label 1: " << dataset->label_meaning
                << ". See them with `probesweep dimension validate "
                << (flags.dimension.empty() ? flags.output : flags.dimension) << "`.\n";
  return absl::OkStatus();
}

}  // namespace

void AddDimensionImport(CLI::App& group, Action& action) {
  auto flags = std::make_shared<ImportFlags>();
  CLI::App* command = group.add_subcommand(
      "import", "Make a dataset's CSV of the file that its publication distributes; needs no coordinator");
  command->add_option("FORMAT", flags->format, "truthfulqa, confaide, toxigen, stereoset or sst2")
      ->required();
  command->add_option("FILE", flags->file, "The publication's own file (docs/dimensions.md)")->required();
  command->add_option("--output", flags->output, "The CSV to write")->required();
  command->add_option("--dimension", flags->dimension, "Write a dimension file for it too (.yaml)");
  ImportOptions& options = flags->options;
  command
      ->add_option("--seed", options.seed, "Of the order of the rows and of sst2's perturbation; default 0")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--rate", options.rate,
                      "sst2: share of small letters to turn into capitals; default 0.05");
  command->add_option(
      "--threshold", options.threshold,
      "toxigen: label 1 above this sum of both scores; default 5.5. confaide: label 1 from this "
      "sensitivity (default 2.5) or below this expectation (default 0)");
  command->add_option("--ratings", options.ratings, "confaide: tier_1_labels.txt or tier_2_labels.txt");
  command->add_option("--part", options.part, "stereoset: intersentence (default) or intrasentence");
  command->add_option("--bias-type", options.bias_type,
                      "stereoset: only contexts of this bias_type, such as race; default all");
  command->callback(
      [flags, &action] { action = [flags](Session& session) { return ImportDimension(*flags, session); }; });
}

}  // namespace probesweep::client
