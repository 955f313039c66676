#include "dataset/import/sst2.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
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

}  // namespace

absl::StatusOr<ImportedDataset> ImportSst2(absl::string_view tsv, double rate, uint64_t seed) {
  if (!(rate > 0 && rate <= 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the rate is ", FormatDouble(rate), "; write a share above 0 and at most 1"));
  }
  PS_ASSIGN_OR_RETURN(const std::vector<CsvRecord> records, ReadTsvColumns(tsv, {{"sentence"}, {}}));
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
