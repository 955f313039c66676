#include "dataset/import/sst2.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/number_format.h"
#include "common/status.h"
#include "common/unicode.h"
#include "dataset/import/table.h"
#include "dataset/shuffle.h"

namespace probesweep {
namespace {

// `sentence` with capitals for some of its small letters, or "" when it has none.
std::string Perturbed(absl::string_view sentence, double rate, SeededRandom& random) {
  std::vector<char32_t> characters;
  std::vector<int64_t> small;  // where in `characters`
  for (size_t offset = 0; offset < sentence.size();) {
    const char32_t c = NextCodePoint(sentence, &offset);
    if (static_cast<char32_t>(u_toupper(c)) != c) small.push_back(characters.size());
    characters.push_back(c);
  }
  if (small.empty()) return "";
  const auto wanted = static_cast<size_t>(std::llround(rate * static_cast<double>(small.size())));
  const size_t changed = std::clamp<size_t>(wanted, 1, small.size());
  Shuffle(small, random);
  for (size_t i = 0; i < changed; ++i) characters[small[i]] = u_toupper(characters[small[i]]);
  std::string text;
  for (const char32_t c : characters) AppendUtf8(c, &text);
  return text;
}

bool IsSentiment(absl::string_view field) { return field == "0" || field == "1"; }

// Names for the columns of `tsv` when it is two columns without a header, as sentiment and sentence, in
// either order, are often passed on; otherwise none.
std::vector<std::string> MissingHeader(absl::string_view tsv) {
  const absl::string_view line = absl::StripAsciiWhitespace(tsv.substr(0, tsv.find('\n')));
  const std::vector<absl::string_view> fields = absl::StrSplit(line, '\t');
  if (fields.size() != 2 || IsSentiment(fields[0]) == IsSentiment(fields[1])) return {};
  if (IsSentiment(fields[0])) return {"label", "sentence"};
  return {"sentence", "label"};
}

absl::StatusOr<std::vector<CsvRecord>> ReadSentences(absl::string_view tsv) {
  const std::vector<std::string> header = MissingHeader(absl::StripPrefix(tsv, "\xEF\xBB\xBF"));
  if (header.empty()) return ReadTsvColumns(tsv, {{"sentence"}, {}});
  PS_ASSIGN_OR_RETURN(std::vector<CsvRecord> records,
                      ReadTsvColumns(tsv, {{"sentence", "label"}, {}}, header));
  for (const CsvRecord& record : records) {
    const absl::string_view label = absl::StripAsciiWhitespace(record.fields[1]);
    if (IsSentiment(label)) continue;
    return RefuseLine(record.line,
                      absl::StrCat("a sentiment of 0 or 1 was expected, as in line 1, and not '", label,
                                   "'; put a header above all that names the columns, "
                                   "one of them 'sentence'"));
  }
  return records;
}

}  // namespace

absl::StatusOr<ImportedDataset> ImportSst2(absl::string_view tsv, double rate, uint64_t seed) {
  if (!(rate > 0 && rate <= 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the rate is ", FormatDouble(rate), "; write a share above 0 and at most 1"));
  }
  PS_ASSIGN_OR_RETURN(const std::vector<CsvRecord> records, ReadSentences(tsv));
  ImportedDataset dataset;
  dataset.label_meaning = "the text is perturbed (letters turned into capitals)";
  SeededRandom random(seed, kPerturbationStream);
  int64_t left_out = 0;
  for (size_t i = 0; i < records.size(); ++i) {
    // GLUE's training sentences end with a space.
    const std::string sentence(absl::StripAsciiWhitespace(records[i].fields[0]));
    if (sentence.empty()) {
      return RefuseLine(records[i].line, "sentence is empty; write it, or leave the row out");
    }
    const std::string perturbed = Perturbed(sentence, rate, random);
    if (perturbed.empty()) {
      ++left_out;
      continue;
    }
    dataset.rows.push_back({sentence, 0, absl::StrCat(i)});
    dataset.rows.push_back({perturbed, 1, absl::StrCat(i)});
  }
  if (left_out > 0) {
    dataset.notes.push_back(absl::StrCat(
        "Sentences left out, for they have no small letter to turn into a capital: ", left_out, "."));
  }
  return dataset;
}

}  // namespace probesweep
