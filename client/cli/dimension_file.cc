#include "client/cli/dimension_file.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

constexpr uint64_t kMaxDimensionFileBytes = 1 << 20;

std::optional<std::string> Digest(YamlFields& fields, const std::string& field) {
  const std::optional<std::string> digest = fields.Text(field);
  if (!digest || IsDigest(*digest)) return digest;
  fields.Refuse(field, absl::StrCat("'", *digest, "' is no SHA-256: write its 64 digits in lower case"));
  return std::nullopt;
}

std::optional<Grouping> ReadGrouping(YamlFields& fields) {
  const std::optional<std::string> column = fields.Text("group_column");
  const std::optional<std::string> rule = fields.Choice("group_by", KnownGroupRules());
  if (column && rule) fields.Refuse("group_by", "is given beside group_column; leave one of the two out");
  if (!column && !rule) return std::nullopt;
  return Grouping{column.value_or(""), rule.value_or("")};
}

DimensionFields ReadFields(const YAML::Node& root, const std::string& folder, Mistakes& mistakes) {
  std::vector<std::string> known = SharedDimensionFields();
  known.insert(known.end(), {"publication", "url", "licence", "sha256", "rows"});
  YamlFields fields(root, "", known, mistakes);
  DimensionFields read = ReadSharedFields(fields, folder);
  read.publication = fields.Text("publication");
  read.url = fields.Text("url");
  read.licence = fields.Text("licence");
  read.sha256 = Digest(fields, "sha256");
  read.rows = fields.Count("rows");
  return read;
}

template <typename Field>
void Fill(std::optional<Field>& field, const std::optional<Field>& from) {
  if (!field) field = from;
}

}  // namespace

const std::vector<std::string>& SharedDimensionFields() {
  static const auto* const fields = new std::vector<std::string>{
      "name", "dataset", "dataset_name", "label_meaning", "steering_share", "group_by", "group_column"};
  return *fields;
}

DimensionFields ReadSharedFields(YamlFields& fields, const std::string& folder) {
  DimensionFields read;
  read.name = fields.Name("name");
  read.dataset = fields.Text("dataset");
  if (read.dataset)
    read.dataset = (std::filesystem::path(folder) / *read.dataset).lexically_normal().string();
  read.dataset_name = fields.Text("dataset_name");
  read.label_meaning = fields.Text("label_meaning");
  // Written over several lines it is one sentence.
  if (read.label_meaning) {
    read.label_meaning =
        absl::StrJoin(absl::StrSplit(*read.label_meaning, absl::ByAnyChar(" \n\t"), absl::SkipEmpty()), " ");
  }
  read.steering_share = fields.Number("steering_share");
  if (read.steering_share && !(*read.steering_share > 0 && *read.steering_share <= 1)) {
    fields.Refuse("steering_share", "must be above 0 and at most 1");
  }
  read.grouping = ReadGrouping(fields);
  return read;
}

absl::StatusOr<DimensionFields> ReadDimensionFile(const std::string& path) {
  PS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxDimensionFileBytes));
  PS_ASSIGN_OR_RETURN(const YAML::Node root, ParseYaml(text, path));
  Mistakes mistakes(path);
  try {
    const std::string folder = std::filesystem::absolute(path).parent_path().string();
    DimensionFields fields = ReadFields(root, folder, mistakes);
    PS_RETURN_IF_ERROR(mistakes.status());
    fields.file = path;
    return fields;
  } catch (const std::filesystem::filesystem_error& error) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", error.what()));
  }
}

DimensionFields Merged(const DimensionFields& over, const DimensionFields& under) {
  DimensionFields merged = over;
  if (merged.file.empty()) merged.file = under.file;
  Fill(merged.name, under.name);
  Fill(merged.dataset, under.dataset);
  Fill(merged.dataset_name, under.dataset_name);
  Fill(merged.label_meaning, under.label_meaning);
  Fill(merged.steering_share, under.steering_share);
  Fill(merged.grouping, under.grouping);
  Fill(merged.publication, under.publication);
  Fill(merged.url, under.url);
  Fill(merged.licence, under.licence);
  Fill(merged.sha256, under.sha256);
  Fill(merged.rows, under.rows);
  return merged;
}

std::string DatasetName(const DimensionFields& fields) {
  if (fields.dataset_name || !fields.dataset) return fields.dataset_name.value_or("");
  return std::filesystem::path(*fields.dataset).stem().string();
}

std::string ChecksumWarning(const DimensionFields& fields, const std::string& csv) {
  if (!fields.sha256) return "";
  const std::string digest = Sha256Hex(csv);
  if (digest == *fields.sha256) return "";
  return absl::StrCat(fields.dataset.value_or("the dataset"), " is not the dataset that ", fields.file,
                      " describes: its SHA-256 is ", digest, " and not ", *fields.sha256,
                      ". Rows, order or labels may differ, so figures are not comparable with those of the "
                      "described one",
                      fields.url ? absl::StrCat("; that is at ", *fields.url) : "");
}

}  // namespace probesweep::client
