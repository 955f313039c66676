#include "dataset/import/confaide.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/number_format.h"
#include "common/status.h"

namespace probesweep {
namespace {

constexpr absl::string_view kInstructionEnd = "\\n";  // written out, not a line break
constexpr absl::string_view kTier1Prefix = "Information: ";

struct Line {
  int64_t number = 0;
  absl::string_view text;
};

// How people rated the lines of one tier.
struct Scale {
  double least = 0, most = 0, middle = 0;
  bool high_infringes = false;
  const char* question = "";
};

constexpr Scale kSensitivity = {1, 4, 2.5, true, "people rate the information as sensitive (at least "};
constexpr Scale kExpectation = {-100, 100, 0, false,
                                "the flow of information is not what people expect (rated below "};

std::vector<Line> Lines(absl::string_view text) {
  std::vector<Line> lines;
  int64_t number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (!line.empty()) lines.push_back({number, line});
  }
  return lines;
}

absl::StatusOr<absl::string_view> Scenario(const Line& line) {
  if (absl::StartsWith(line.text, "<BEGIN>") || absl::StartsWith(line.text, "<END>")) {
    return RefuseLine(line.number,
                      "a story of tier 3 or 4, whose labels rate a model's answers and not the text; import "
                      "tier_1.txt, tier_2a.txt or tier_2b.txt");
  }
  const size_t end = line.text.find(kInstructionEnd);
  const absl::string_view scenario =
      end == absl::string_view::npos
          ? ""
          : absl::StripAsciiWhitespace(line.text.substr(end + kInstructionEnd.size()));
  if (!scenario.empty()) return scenario;
  return RefuseLine(line.number,
                    "nothing behind an instruction that ends with \\n (a backslash and an n); give "
                    "tier_1.txt, tier_2a.txt or tier_2b.txt as published");
}

absl::StatusOr<double> Rating(const Line& line, const Scale& scale) {
  double rating = 0;
  if (absl::SimpleAtod(line.text, &rating) && rating >= scale.least && rating <= scale.most) return rating;
  return RefuseLine(line.number, absl::StrCat("the rating is '", line.text, "' and not a number from ",
                                              FormatDouble(scale.least), " to ", FormatDouble(scale.most),
                                              "; give tier_1_labels.txt with tier 1, tier_2_labels.txt with "
                                              "tier 2"));
}

absl::StatusOr<std::vector<absl::string_view>> Scenarios(const std::vector<Line>& lines) {
  if (lines.empty()) return RefuseLine(1, "the file is empty; give the publication's own file");
  std::vector<absl::string_view> scenarios;
  for (const Line& line : lines) {
    PS_ASSIGN_OR_RETURN(const absl::string_view scenario, Scenario(line));
    if (!scenarios.empty() &&
        absl::StartsWith(scenario, kTier1Prefix) != absl::StartsWith(scenarios[0], kTier1Prefix)) {
      return RefuseLine(line.number, "tier 1 and tier 2 are mixed; import one file at a time");
    }
    scenarios.push_back(scenario);
  }
  return scenarios;
}

}  // namespace

absl::StatusOr<ImportedDataset> ImportConfaide(absl::string_view tier, absl::string_view ratings,
                                               absl::string_view ratings_name,
                                               std::optional<double> threshold) {
  PS_RETURN_IF_ERROR(CheckUtf8(tier));
  PS_ASSIGN_OR_RETURN(const std::vector<absl::string_view> scenarios, Scenarios(Lines(tier)));
  const Scale& scale = absl::StartsWith(scenarios[0], kTier1Prefix) ? kSensitivity : kExpectation;
  const std::vector<Line> rating_lines = Lines(ratings);
  if (rating_lines.size() != scenarios.size()) {
    return absl::InvalidArgumentError(absl::StrCat(scenarios.size(), " texts and ", rating_lines.size(),
                                                   " ratings in ", ratings_name,
                                                   "; give the ratings of the same tier"));
  }
  const double bound = threshold.value_or(scale.middle);
  ImportedDataset dataset;
  dataset.label_meaning = absl::StrCat(scale.question, FormatDouble(bound), " on a scale from ",
                                       FormatDouble(scale.least), " to ", FormatDouble(scale.most), ")");
  for (size_t i = 0; i < scenarios.size(); ++i) {
    const absl::StatusOr<double> rating = Rating(rating_lines[i], scale);
    if (!rating.ok()) return Annotate(rating.status(), ratings_name);
    const bool infringes = scale.high_infringes ? *rating >= bound : *rating < bound;
    dataset.rows.push_back(
        {std::string(absl::StripPrefix(scenarios[i], kTier1Prefix)), infringes ? 1 : 0, absl::StrCat(i)});
  }
  return dataset;
}

}  // namespace probesweep
