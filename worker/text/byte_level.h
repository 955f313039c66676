// The alphabet of byte-level BPE: each of the 256 bytes has a printable character of its own.
#ifndef PROBESWEEP_WORKER_TEXT_BYTE_LEVEL_H_
#define PROBESWEEP_WORKER_TEXT_BYTE_LEVEL_H_

#include <string>

#include "absl/strings/string_view.h"

namespace probesweep::worker {

// How GPT-2 cuts text into words; what a ByteLevel pre-tokenizer uses unless told otherwise.
extern const char kGpt2WordPattern[];

// Each byte of `text` written as its character: " é" -> "ĠÃ©". Bytes that are printable Latin-1 stand for
// themselves, the others, in order, for U+0100, U+0101, …
std::string BytesToCharacters(absl::string_view text);

// Appends the bytes that `token` stands for. A token with a character outside of the alphabet (an added
// token) stands for its own UTF-8.
void AppendTokenBytes(absl::string_view token, std::string* bytes);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_BYTE_LEVEL_H_
