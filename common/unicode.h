// UTF-8 and the character classes that tokenizers ask about.
#ifndef PROBESWEEP_COMMON_UNICODE_H_
#define PROBESWEEP_COMMON_UNICODE_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace probesweep {

// Longest text that the tokenizer accepts, and that it makes of a text on its way: no model has a context of
// a million tokens and more, and a normalizer of a few lines could ask for any amount of memory.
inline constexpr size_t kMaxTextBytes = size_t{1} << 24;

// The offset of the first byte that is not part of well-formed UTF-8, or npos.
size_t FindInvalidUtf8(absl::string_view text);

// `bytes` with every maximal ill-formed part replaced by U+FFFD.
std::string ReplaceInvalidUtf8(absl::string_view bytes);

// The code point at `*offset` of well-formed `text`; moves `*offset` behind it.
char32_t NextCodePoint(absl::string_view text, size_t* offset);
void AppendUtf8(char32_t code_point, std::string* text);

bool IsWhitespace(char32_t c);     // White_Space
bool IsWordCharacter(char32_t c);  // Alphabetic, M, Nd, Pc, the two joiners
bool IsNumber(char32_t c);         // N
bool IsPunctuation(char32_t c);    // P as of Unicode 8, and ASCII's symbols
bool IsCombiningMark(char32_t c);  // M

// The simple mapping, free of context.
char32_t ToLowercase(char32_t c);

// Whether `c` was assigned by Unicode `version`.0. Parts of the original have old tables.
bool IsOfUnicode(char32_t c, int version);

// Lengths in bytes of the white space at either end of well-formed `text`.
size_t LeadingWhitespace(absl::string_view text);
size_t TrailingWhitespace(absl::string_view text);

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_UNICODE_H_
