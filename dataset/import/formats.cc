#include "dataset/import/formats.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/edit_distance.h"
#include "common/status.h"
#include "dataset/import/confaide.h"
#include "dataset/import/sst2.h"
#include "dataset/import/stereoset.h"
#include "dataset/import/toxigen.h"
#include "dataset/import/truthfulqa.h"

namespace probesweep {
namespace {

// The column that DatasetCsv writes.
Grouping ByColumn() { return {"group", ""}; }

ImportFormat TruthfulQa() {
  return {"truthfulqa",
          "reliability",
          ByColumn(),
          "Lin, Hilton, Evans: TruthfulQA: Measuring How Models Mimic Human Falsehoods. ACL 2022, arXiv "
          "2109.07958",
          "Apache-2.0 (https://github.com/sylinrl/TruthfulQA)",
          [](absl::string_view text, const ImportOptions&) { return ImportTruthfulQa(text); }};
}

ImportFormat Confaide() {
  return {"confaide",
          "privacy",
          ByColumn(),
          "Mireshghallah, Kim, Zhou, Tsvetkov, Sap, Shokri, Choi: Can LLMs Keep a Secret? Testing Privacy "
          "Implications of Language Models via Contextual Integrity Theory. ICLR 2024, arXiv 2310.17884",
          "terms are at https://github.com/skywalker023/confAIde",
          [](absl::string_view text, const ImportOptions& options) -> absl::StatusOr<ImportedDataset> {
            if (!options.ratings) {
              return absl::InvalidArgumentError(
                  "people's ratings are in a file of their own; name tier_1_labels.txt or tier_2_labels.txt "
                  "with --ratings");
            }
            return ImportConfaide(text, *options.ratings, options.ratings_name, options.threshold);
          }};
}

ImportFormat Toxigen() {
  return {
      "toxigen",
      "toxicity",
      {"", "same_text"},
      "Hartvigsen, Gabriel, Palangi, Sap, Ray, Kamar: ToxiGen: A Large-Scale Machine-Generated Dataset for "
      "Adversarial and Implicit Hate Speech Detection. ACL 2022, arXiv 2203.09509",
      "terms are at https://github.com/microsoft/TOXIGEN",
      [](absl::string_view text, const ImportOptions& options) {
        return ImportToxigen(text, options.threshold.value_or(kToxigenThreshold));
      }};
}

ImportFormat Stereoset() {
  return {"stereoset",
          "fairness",
          ByColumn(),
          "Nadeem, Bethke, Reddy: StereoSet: Measuring stereotypical bias in pretrained language models. ACL "
          "2021, arXiv 2004.09456",
          "CC BY-SA 4.0 (https://github.com/moinnadeem/StereoSet)",
          [](absl::string_view text, const ImportOptions& options) {
            return ImportStereoset(text, options.part.value_or("intersentence"),
                                   options.bias_type.value_or(""));
          }};
}

ImportFormat Sst2() {
  return {"sst2",
          "robustness",
          ByColumn(),
          "Socher, Perelygin, Wu, Chuang, Manning, Ng, Potts: Recursive Deep Models for Semantic "
          "Compositionality Over a Sentiment Treebank. EMNLP 2013",
          "terms are at https://nlp.stanford.edu/sentiment",
          [](absl::string_view text, const ImportOptions& options) {
            return ImportSst2(text, options.rate.value_or(kDefaultPerturbationRate), options.seed);
          }};
}

// A given option is refused where it would be passed over in silence.
absl::Status CheckOptions(const ImportFormat& format, const ImportOptions& options) {
  const struct {
    const char* name;
    bool given;
    std::vector<std::string> formats;
  } checks[] = {{"--rate", options.rate.has_value(), {"sst2"}},
                {"--threshold", options.threshold.has_value(), {"toxigen", "confaide"}},
                {"--ratings", options.ratings.has_value(), {"confaide"}},
                {"--part", options.part.has_value(), {"stereoset"}},
                {"--bias-type", options.bias_type.has_value(), {"stereoset"}}};
  for (const auto& check : checks) {
    const bool known =
        std::find(check.formats.begin(), check.formats.end(), format.name) != check.formats.end();
    if (!check.given || known) continue;
    return absl::InvalidArgumentError(absl::StrCat(check.name, " is an option of ",
                                                   absl::StrJoin(check.formats, " and "), " and not of ",
                                                   format.name, "; leave it out"));
  }
  return absl::OkStatus();
}

}  // namespace

const std::vector<ImportFormat>& KnownImportFormats() {
  static const auto* const formats =
      new std::vector<ImportFormat>{TruthfulQa(), Confaide(), Toxigen(), Stereoset(), Sst2()};
  return *formats;
}

absl::StatusOr<const ImportFormat*> FindImportFormat(absl::string_view name) {
  std::vector<std::string> names;
  for (const ImportFormat& format : KnownImportFormats()) {
    if (format.name == name) return &format;
    names.push_back(format.name);
  }
  const std::string nearest = NearestName(name, names);
  return absl::InvalidArgumentError(absl::StrCat("there is no format '", name, "' to import; ",
                                                 nearest.empty()
                                                     ? absl::StrCat("there are: ", absl::StrJoin(names, ", "))
                                                     : absl::StrCat("did you mean '", nearest, "'?")));
}

absl::StatusOr<ImportedDataset> Import(const ImportFormat& format, absl::string_view text,
                                       const ImportOptions& options) {
  PS_RETURN_IF_ERROR(CheckOptions(format, options));
  PS_ASSIGN_OR_RETURN(ImportedDataset dataset, format.import(text, options));
  const int64_t ones = std::count_if(dataset.rows.begin(), dataset.rows.end(),
                                     [](const ImportedRow& row) { return row.label == 1; });
  if (dataset.rows.empty()) {
    return absl::InvalidArgumentError("no rows are left; give the publication's own file, whole");
  }
  if (ones == 0 || ones == static_cast<int64_t>(dataset.rows.size())) {
    return absl::InvalidArgumentError(absl::StrCat("all ", dataset.rows.size(), " rows would have label ",
                                                   ones == 0 ? 0 : 1,
                                                   ", and a probe needs both labels; give the whole file",
                                                   options.threshold ? ", or another --threshold" : ""));
  }
  return dataset;
}

}  // namespace probesweep
