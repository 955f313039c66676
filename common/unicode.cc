#include "common/unicode.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <cstdint>

#include "common/newer_characters.h"

namespace probesweep {
namespace {

bool InCategory(char32_t c, uint32_t mask) { return (U_GET_GC_MASK(static_cast<UChar32>(c)) & mask) != 0; }

// Reads one code point, negative when ill-formed; an ill-formed maximal part counts as one.
UChar32 Read(absl::string_view text, size_t* offset) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  const auto length = static_cast<int32_t>(text.size());
  auto position = static_cast<int32_t>(*offset);
  UChar32 c = U_SENTINEL;
  U8_NEXT(bytes, position, length, c);
  *offset = static_cast<size_t>(position);
  return c;
}

}  // namespace

size_t FindInvalidUtf8(absl::string_view text) {
  for (size_t offset = 0; offset < text.size();) {
    const size_t begin = offset;
    if (Read(text, &offset) < 0) return begin;
  }
  return absl::string_view::npos;
}

std::string ReplaceInvalidUtf8(absl::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (size_t offset = 0; offset < bytes.size();) {
    const size_t begin = offset;
    if (Read(bytes, &offset) < 0) {
      text += "\xEF\xBF\xBD";
    } else {
      text.append(bytes.data() + begin, offset - begin);
    }
  }
  return text;
}

char32_t NextCodePoint(absl::string_view text, size_t* offset) {
  return static_cast<char32_t>(Read(text, offset));
}

void AppendUtf8(char32_t code_point, std::string* text) {
  uint8_t bytes[U8_MAX_LENGTH];
  int32_t length = 0;
  U8_APPEND_UNSAFE(bytes, length, code_point);
  text->append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(length));
}

bool IsWhitespace(char32_t c) { return u_isUWhiteSpace(static_cast<UChar32>(c)) != 0; }

bool IsWordCharacter(char32_t c) {
  return u_isUAlphabetic(static_cast<UChar32>(c)) != 0 ||
         InCategory(c, U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK) || c == U'\u200C' || c == U'\u200D' ||
         IsNewerCharacterOf(c, U_GC_L_MASK | U_GC_M_MASK | U_GC_ND_MASK);
}

bool IsNumber(char32_t c) {
  return InCategory(c, U_GC_N_MASK) || IsNewerCharacterOf(c, U_GC_N_MASK) || IsNumberOfUnicode17(c);
}

char32_t ToLowercase(char32_t c) {
  return NewerLowercase(static_cast<char32_t>(u_tolower(static_cast<UChar32>(c))));
}

bool IsPunctuation(char32_t c) {
  if (c < 0x80)
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
           (c >= '{' && c <= '~');
  // Two were punctuation then and are something else now.
  return (InCategory(c, U_GC_P_MASK) && IsOfUnicode(c, 8)) || c == U'\u166D' || c == U'\U000111C9';
}

bool IsCombiningMark(char32_t c) { return InCategory(c, U_GC_M_MASK); }

bool IsOfUnicode(char32_t c, int version) {
  UVersionInfo age;
  u_charAge(static_cast<UChar32>(c), age);
  return age[0] != 0 && (age[0] < version || (age[0] == version && age[1] == 0));
}

size_t LeadingWhitespace(absl::string_view text) {
  for (size_t offset = 0; offset < text.size();) {
    const size_t begin = offset;
    if (!IsWhitespace(NextCodePoint(text, &offset))) return begin;
  }
  return text.size();
}

size_t TrailingWhitespace(absl::string_view text) {
  size_t end = text.size();
  while (end > 0) {
    size_t begin = end - 1;
    while (begin > 0 && (static_cast<uint8_t>(text[begin]) & 0xC0) == 0x80) --begin;
    size_t offset = begin;
    if (!IsWhitespace(NextCodePoint(text, &offset))) break;
    end = begin;
  }
  return text.size() - end;
}

}  // namespace probesweep
