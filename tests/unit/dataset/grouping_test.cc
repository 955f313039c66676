#include "dataset/grouping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace probesweep {
namespace {

TEST(FoldedTextTest, LowersLettersAndEvensWhiteSpace) {
  EXPECT_EQ(FoldedText("  A\tfiLm\n OF\xC3\x89 \xC2\xA0"), "a film of\xC3\xA9");
  EXPECT_EQ(FoldedText(" \t"), "");
}

TEST(GroupRowsTest, JoinsWhatTheRuleSays) {
  const struct {
    const char* intent;
    const char* rule;
    std::vector<std::string> texts;
    std::vector<std::string> names;
    std::vector<int64_t> groups;
  } cases[] = {
      {"without a rule each row is by itself", "", {"a", "b", "A"}, {}, {0, 1, 2}},
      {"but for the very same text", "", {"a", "b", "a"}, {}, {0, 1, 0}},
      {"names of a column", "", {"a", "b", "c"}, {"x", "y", "x"}, {0, 1, 0}},
      {"the very same text joins names", "", {"a", "b", "c", "a"}, {"x", "x", "y", "y"}, {0, 0, 0, 0}},
      {"same_text: letter case and white space aside",
       "same_text",
       {"it 's fun .", "other", "iT  's fuN . ", "it 's fun"},
       {},
       {0, 1, 0, 2}},
      {"same_text: letters beyond ASCII",
       "same_text",
       {"\xC3\x89t\xC3\xA9", "\xC3\xA9T\xC3\x89"},
       {},
       {0, 0}},
      {"same_question: text before the tab",
       "same_question",
       {"Q: Why?\tA: So.", "Q: How?\tA: So.", "Q: why? \tA: Not so."},
       {},
       {0, 1, 0}},
      {"same_question: without a tab, up to the question mark",
       "same_question",
       {"Why? So.", "How? So.", "Why? Not so."},
       {},
       {0, 1, 0}},
      {"same_question: neither, the whole text", "same_question", {"So.", "Not so.", "so."}, {}, {0, 1, 0}},
      {"same_context: the first sentence",
       "same_context",
       {"Spain is in Europe. It is warm.", "Spain is in Asia. It is warm.",
        "spain is in Europe.  Dogs bark."},
       {},
       {0, 1, 0}},
      {"same_context: of fewer than three words",
       "same_context",
       {"He smiled. Dogs bark.", "He smiled! Dogs bark.", "He smiled. It was warm."},
       {},
       {0, 1, 0}},
      {"same_context: a quoted sentence",
       "same_context",
       {"\"It is so.\" Dogs bark.", "\"It is so.\" Cats do."},
       {},
       {0, 0}},
      {"same_context: without a full stop, the first three words",
       "same_context",
       {"The man was tall he sang", "The man was small he sang.", "The man sang."},
       {},
       {0, 0, 1}},
      {"same_context: a forgotten full stop joins those that begin alike",
       "same_context",
       {"My friend is here. He sings.", "My friend is there. He sings.", "My friend is here dogs bark"},
       {},
       {0, 0, 0}},
      {"same_context: a text of one word", "same_context", {"Yes.", "No.", "yes."}, {}, {0, 1, 0}},
      {"no rows", "same_context", {}, {}, {}},
  };
  for (const auto& c : cases) EXPECT_EQ(GroupRows(c.texts, c.names, c.rule), c.groups) << c.intent;
}

TEST(GroupRowsTest, JoinsFromRowToRow) {
  // The last row ties the first two groups together, by its name and by its text.
  EXPECT_EQ(GroupRows({"a", "b", "c", "b"}, {"x", "y", "z", "x"}, ""), (std::vector<int64_t>{0, 0, 1, 0}));
}

}  // namespace
}  // namespace probesweep
