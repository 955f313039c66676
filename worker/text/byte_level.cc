#include "worker/text/byte_level.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/unicode.h"

namespace probesweep::worker {
namespace {

constexpr int kNoByte = -1;
constexpr char32_t kAlphabetEnd = 0x100 + 68;  // 68 bytes are not printable Latin-1

bool StandsForItself(int byte) {
  return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

struct Alphabet {
  std::array<std::string, 256> character;   // UTF-8, by byte
  std::array<int, kAlphabetEnd> byte_of{};  // by code point
};

Alphabet BuildAlphabet() {
  Alphabet alphabet;
  alphabet.byte_of.fill(kNoByte);
  char32_t next = 0x100;
  for (int byte = 0; byte < 256; ++byte) {
    const char32_t c = StandsForItself(byte) ? static_cast<char32_t>(byte) : next++;
    AppendUtf8(c, &alphabet.character[static_cast<size_t>(byte)]);
    alphabet.byte_of[c] = byte;
  }
  return alphabet;
}

const Alphabet& TheAlphabet() {
  static const Alphabet* const alphabet = new Alphabet(BuildAlphabet());
  return *alphabet;
}

}  // namespace

const char kGpt2WordPattern[] =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

std::string BytesToCharacters(absl::string_view text) {
  const Alphabet& alphabet = TheAlphabet();
  std::string characters;
  characters.reserve(text.size() + text.size() / 4);
  for (const char c : text) characters += alphabet.character[static_cast<uint8_t>(c)];
  return characters;
}

void AppendTokenBytes(absl::string_view token, std::string* bytes) {
  const Alphabet& alphabet = TheAlphabet();
  const size_t before = bytes->size();
  for (size_t offset = 0; offset < token.size();) {
    const char32_t c = NextCodePoint(token, &offset);
    const int byte = c < kAlphabetEnd ? alphabet.byte_of[c] : kNoByte;
    if (byte == kNoByte) {
      bytes->resize(before);
      bytes->append(token.data(), token.size());
      return;
    }
    bytes->push_back(static_cast<char>(byte));
  }
}

}  // namespace probesweep::worker
