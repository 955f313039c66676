#include "dataset/import/truthfulqa.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status.h"
#include "common/unicode.h"
#include "dataset/import/table.h"

namespace probesweep {
namespace {

absl::string_view Stripped(absl::string_view text) {
  text.remove_prefix(LeadingWhitespace(text));
  text.remove_suffix(TrailingWhitespace(text));
  return text;
}

// The answers of `lists`, separated by semicolons, each once.
std::vector<std::string> Answers(const std::vector<absl::string_view>& lists) {
  std::vector<std::string> answers;
  for (absl::string_view list : lists) {
    for (absl::string_view part : absl::StrSplit(list, ';')) {
      part = Stripped(part);
      if (part.empty()) continue;
      const std::string answer = absl::StrCat(part, absl::EndsWith(part, ".") ? "" : ".");
      if (std::find(answers.begin(), answers.end(), answer) == answers.end()) answers.push_back(answer);
    }
  }
  return answers;
}

absl::Status AddAnswers(const CsvRecord& record, absl::string_view kind,
                        const std::vector<std::string>& answers, int label, ImportedDataset* dataset) {
  const std::string question(Stripped(record.fields[0]));
  if (question.empty()) return RefuseLine(record.line, "Question is empty; write it, or leave the row out");
  if (answers.empty()) {
    return RefuseLine(record.line, absl::StrCat(kind,
                                                " is empty; separate answers by semicolons, or leave "
                                                "the row out"));
  }
  for (const std::string& answer : answers) {
    dataset->rows.push_back({absl::StrCat("Q: ", question, "\tA: ", answer), label, question});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ImportedDataset> ImportTruthfulQa(absl::string_view csv) {
  const TableColumns columns = {{"Question", "Best Answer", "Correct Answers", "Incorrect Answers"},
                                {"Best Incorrect Answer"}};
  PS_ASSIGN_OR_RETURN(const std::vector<CsvRecord> records, ReadCsvColumns(csv, columns));
  ImportedDataset dataset;
  dataset.label_meaning = "the answer is true";
  for (const CsvRecord& record : records) {
    const std::vector<std::string> correct = Answers({record.fields[1], record.fields[2]});
    const std::vector<std::string> incorrect = Answers({record.fields[4], record.fields[3]});
    PS_RETURN_IF_ERROR(AddAnswers(record, "Correct Answers", correct, 1, &dataset));
    PS_RETURN_IF_ERROR(AddAnswers(record, "Incorrect Answers", incorrect, 0, &dataset));
  }
  return dataset;
}

}  // namespace probesweep
