#include "dataset/surface_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace probesweep {
namespace {

struct Case {
  const char* intent;
  const char* text;
  std::vector<std::string> words;
};

// Python: re.findall(r"(?u)\b\w\w+\b", text.lower())
TEST(SurfaceWordsTest, AreScikitLearnsTokens) {
  const std::vector<Case> cases = {
      {"nothing", "", {}},
      {"lower case, punctuation cuts", "The cat's on-line.", {"the", "cat", "on", "line"}},
      {"single characters are no words", "a b cc d", {"cc"}},
      {"numbers and underscores are of a word", "x_000D_ 3.14 42nd", {"x_000d_", "14", "42nd"}},
      {"letters beyond ASCII", "Straße ÉCOLE 東京 x", {"straße", "école", "東京"}},
      {"a final sigma", "ΟΔΟΣ ΣΟΣ.", {"οδος", "σος"}},
      {"combining marks cut",
       "ne\xCC\x81"
       "e हिन्दी",
       {"ne"}},
      {"a capital with two lower-case characters", "İIstanbul", {"istanbul"}},
      {"fractions and superscripts are numbers", "½² x²", {"½²", "x²"}},
      {"emoji cut", "ab😀cd", {"ab", "cd"}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.intent);
    EXPECT_EQ(SurfaceWords(c.text), c.words);
  }
}

TEST(CountCharactersTest, CountsCodePointsAndCapitals) {
  const CharacterCounts counts = CountCharacters("Aé É😀 ßǅⅣ");
  EXPECT_EQ(counts.characters, 9);
  EXPECT_EQ(counts.capitals, 3);  // A, É, Ⅳ; a title-case letter is none
  EXPECT_EQ(CountCharacters("").characters, 0);
}

}  // namespace
}  // namespace probesweep
