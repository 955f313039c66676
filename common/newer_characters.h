// Characters that Hugging Face's tokenizers knows and ICU 72 does not: those of Unicode 15.1 and 16, and a
// few of 17. docs/tokenizers.md says how the list is found.
#ifndef PROBESWEEP_COMMON_NEWER_CHARACTERS_H_
#define PROBESWEEP_COMMON_NEWER_CHARACTERS_H_

#include <cstdint>
#include <string>

namespace probesweep {

// The newer characters whose general category is in `mask` (U_GC_L_MASK and the like), as the inside of a
// class of a regular expression: "\x{1C89}-\x{1C8A}". Empty when there are none.
std::string NewerCharactersOf(uint32_t mask);

// Whether `c` is a newer character of the category.
bool IsNewerCharacterOf(char32_t c, uint32_t mask);
// Numbers of Unicode 17, which only the Digits pre-tokenizer knows.
bool IsNumberOfUnicode17(char32_t c);
// The small letter of a newer capital letter; `c` for any other character.
char32_t NewerLowercase(char32_t c);

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_NEWER_CHARACTERS_H_
