#include "dataset/grouping.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/edit_distance.h"
#include "common/unicode.h"

namespace probesweep {
namespace {

constexpr size_t kContextWords = 3;

// Rows joined into sets by what they have in common.
class JoinedRows {
 public:
  explicit JoinedRows(size_t rows) : parents_(rows) { std::iota(parents_.begin(), parents_.end(), 0); }

  // Joins `row` with every row that has this `mark` too.
  void Mark(size_t row, std::string mark) {
    const size_t first = first_.try_emplace(std::move(mark), row).first->second;
    parents_[Root(row)] = Root(first);
  }

  // The set of each row: 0, 1, … by first appearance.
  std::vector<int64_t> Ids() {
    absl::flat_hash_map<size_t, int64_t> ids;
    std::vector<int64_t> groups;
    groups.reserve(parents_.size());
    for (size_t row = 0; row < parents_.size(); ++row) {
      groups.push_back(ids.try_emplace(Root(row), static_cast<int64_t>(ids.size())).first->second);
    }
    return groups;
  }

 private:
  size_t Root(size_t row) {
    while (parents_[row] != row) row = parents_[row] = parents_[parents_[row]];
    return row;
  }

  std::vector<size_t> parents_;
  absl::flat_hash_map<std::string, size_t> first_;  // by mark
};

std::string Question(absl::string_view text) {
  size_t end = text.find('\t');
  if (end == absl::string_view::npos) {
    end = text.find('?');
    if (end != absl::string_view::npos) ++end;
  }
  return FoldedText(text.substr(0, end));
}

bool EndsSentence(absl::string_view word) {
  const size_t last = word.find_last_not_of("\"')");
  return last != absl::string_view::npos &&
         absl::string_view(".!?").find(word[last]) != absl::string_view::npos;
}

// How a text begins, folded.
struct Beginning {
  std::string sentence;  // the first one; "" when it does not end before the text does
  std::string words;     // the first three, or all when there are fewer
};

Beginning BeginningOf(absl::string_view text) {
  const std::string folded = FoldedText(text);
  const std::vector<std::string> words = absl::StrSplit(folded, ' ');
  const auto end = std::find_if(words.begin(), words.end() - 1, EndsSentence);
  Beginning beginning;
  if (end != words.end() - 1) beginning.sentence = absl::StrJoin(words.begin(), end + 1, " ");
  const auto count = static_cast<std::ptrdiff_t>(std::min(words.size(), kContextWords));
  beginning.words = absl::StrJoin(words.begin(), words.begin() + count, " ");
  return beginning;
}

void MarkContexts(const std::vector<std::string>& texts, JoinedRows& rows) {
  std::vector<Beginning> beginnings;
  absl::flat_hash_set<std::string> open;  // first words of texts whose first sentence has no end
  for (const std::string& text : texts) {
    beginnings.push_back(BeginningOf(text));
    if (beginnings.back().sentence.empty()) open.insert(beginnings.back().words);
  }
  for (size_t row = 0; row < texts.size(); ++row) {
    const Beginning& beginning = beginnings[row];
    if (!beginning.sentence.empty()) rows.Mark(row, absl::StrCat("sentence:", beginning.sentence));
    if (open.contains(beginning.words)) rows.Mark(row, absl::StrCat("words:", beginning.words));
  }
}

}  // namespace

const std::vector<std::string>& KnownGroupRules() {
  static const auto* const rules = new std::vector<std::string>{"same_text", "same_question", "same_context"};
  return *rules;
}

absl::Status CheckGrouping(const Grouping& grouping) {
  if (grouping.rule.empty()) return absl::OkStatus();
  const std::vector<std::string>& known = KnownGroupRules();
  if (std::find(known.begin(), known.end(), grouping.rule) == known.end()) {
    const std::string nearest = NearestName(grouping.rule, known);
    return absl::InvalidArgumentError(
        absl::StrCat("the grouping rule '", grouping.rule, "' is unknown; ",
                     nearest.empty() ? absl::StrCat("there are: ", absl::StrJoin(known, ", "))
                                     : absl::StrCat("did you mean '", nearest, "'?")));
  }
  if (!grouping.column.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("groups come from the column '", grouping.column,
                                                   "' or from the rule '", grouping.rule,
                                                   "', not from both; leave one out"));
  }
  return absl::OkStatus();
}

std::string FoldedText(absl::string_view text) {
  std::string folded;
  bool space = false;
  for (size_t offset = 0; offset < text.size();) {
    const char32_t c = NextCodePoint(text, &offset);
    if (IsWhitespace(c)) {
      space = !folded.empty();
      continue;
    }
    if (space) folded += ' ';
    space = false;
    AppendUtf8(ToLowercase(c), &folded);
  }
  return folded;
}

std::vector<int64_t> GroupRows(const std::vector<std::string>& texts, const std::vector<std::string>& names,
                               absl::string_view rule) {
  JoinedRows rows(texts.size());
  for (size_t row = 0; row < texts.size(); ++row) {
    rows.Mark(row, absl::StrCat("text:", texts[row]));
    if (!names.empty()) rows.Mark(row, absl::StrCat("name:", names[row]));
    if (rule == "same_text") rows.Mark(row, absl::StrCat("folded:", FoldedText(texts[row])));
    if (rule == "same_question") rows.Mark(row, absl::StrCat("question:", Question(texts[row])));
  }
  if (rule == "same_context") MarkContexts(texts, rows);
  return rows.Ids();
}

}  // namespace probesweep
