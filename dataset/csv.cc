#include "dataset/csv.h"

#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status.h"

namespace probesweep {
namespace {

class CsvReader {
 public:
  explicit CsvReader(absl::string_view text) : text_(text) {}

  bool AtEnd() const { return at_ == text_.size(); }
  bool SkipBlankLine();
  absl::StatusOr<CsvRecord> ReadRecord();

 private:
  bool At(char c) const { return !AtEnd() && text_[at_] == c; }
  bool AtLineBreak() const { return At('\n') || At('\r'); }
  void SkipLineBreak();
  absl::Status ReadQuoted(std::string* field);
  void ReadPlain(std::string* field);

  absl::string_view text_;
  size_t at_ = 0;
  int64_t line_ = 1;
};

// CRLF is one break.
void CsvReader::SkipLineBreak() {
  at_ += absl::StartsWith(text_.substr(at_), "\r\n") ? 2 : 1;
  ++line_;
}

bool CsvReader::SkipBlankLine() {
  size_t end = at_;
  while (end < text_.size() && (text_[end] == ' ' || text_[end] == '\t')) ++end;
  const bool is_blank = end == text_.size() || text_[end] == '\n' || text_[end] == '\r';
  if (!is_blank) return false;
  at_ = end;
  if (!AtEnd()) SkipLineBreak();
  return true;
}

absl::Status CsvReader::ReadQuoted(std::string* field) {
  const int64_t first_line = line_;
  ++at_;
  for (;;) {
    if (AtEnd()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "line ", first_line, ": the quoted field that begins here does not end; close its quote"));
    }
    if (At('"')) {
      ++at_;
      if (!At('"')) break;
    }
    const size_t begin = at_;
    if (AtLineBreak()) {
      SkipLineBreak();
    } else {
      ++at_;
    }
    field->append(text_.data() + begin, at_ - begin);
  }
  if (AtEnd() || At(',') || AtLineBreak()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "line ", line_, ": text behind a closing quote; write a quote inside a quoted field twice"));
}

void CsvReader::ReadPlain(std::string* field) {
  const size_t begin = at_;
  while (!AtEnd() && !At(',') && !AtLineBreak()) ++at_;
  field->assign(text_.data() + begin, at_ - begin);
}

absl::StatusOr<CsvRecord> CsvReader::ReadRecord() {
  CsvRecord record;
  record.line = line_;
  for (;;) {
    std::string field;
    if (At('"')) {
      PS_RETURN_IF_ERROR(ReadQuoted(&field));
    } else {
      ReadPlain(&field);
    }
    record.fields.push_back(std::move(field));
    if (!At(',')) break;
    ++at_;
  }
  if (!AtEnd()) SkipLineBreak();
  return record;
}

}  // namespace

absl::StatusOr<std::vector<CsvRecord>> ParseCsv(absl::string_view text) {
  CsvReader reader(absl::StripPrefix(text, "\xEF\xBB\xBF"));
  std::vector<CsvRecord> records;
  while (!reader.AtEnd()) {
    if (reader.SkipBlankLine()) continue;
    PS_ASSIGN_OR_RETURN(CsvRecord record, reader.ReadRecord());
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace probesweep
