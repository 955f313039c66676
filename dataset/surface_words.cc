#include "dataset/surface_words.h"

#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <utility>

#include "common/unicode.h"

namespace probesweep {
namespace {

std::string LowerCase(absl::string_view text) {
  std::string lower;
  icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())))
      .toLower(icu::Locale::getRoot())
      .toUTF8String(lower);
  return lower;
}

// Python's \w: str.isalnum or "_". Combining marks are none of it.
bool IsPythonWordCharacter(char32_t c) {
  const auto code_point = static_cast<UChar32>(c);
  return c == U'_' || u_isalpha(code_point) != 0 ||
         u_getIntPropertyValue(code_point, UCHAR_NUMERIC_TYPE) != U_NT_NONE;
}

}  // namespace

std::vector<std::string> SurfaceWords(absl::string_view text) {
  const std::string lower = LowerCase(text);
  std::vector<std::string> words;
  std::string word;
  int64_t length = 0;  // characters of `word`
  const auto end_word = [&] {
    if (length >= 2) words.push_back(std::move(word));
    word.clear();
    length = 0;
  };
  for (size_t offset = 0; offset < lower.size();) {
    const char32_t c = NextCodePoint(lower, &offset);
    if (IsPythonWordCharacter(c)) {
      AppendUtf8(c, &word);
      ++length;
    } else {
      end_word();
    }
  }
  end_word();
  return words;
}

CharacterCounts CountCharacters(absl::string_view text) {
  CharacterCounts counts;
  for (size_t offset = 0; offset < text.size();) {
    const char32_t c = NextCodePoint(text, &offset);
    ++counts.characters;
    if (u_isUUppercase(static_cast<UChar32>(c)) != 0) ++counts.capitals;
  }
  return counts;
}

}  // namespace probesweep
