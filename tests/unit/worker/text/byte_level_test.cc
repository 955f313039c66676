#include "worker/text/byte_level.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "common/unicode.h"

namespace probesweep::worker {
namespace {

std::string Bytes(absl::string_view token) {
  std::string bytes;
  AppendTokenBytes(token, &bytes);
  return bytes;
}

TEST(ByteLevelTest, WritesBytesAsGpt2Does) {
  EXPECT_EQ(BytesToCharacters(" é\n"), "ĠÃ©Ċ");
  EXPECT_EQ(BytesToCharacters("!~"), "!~");
  EXPECT_EQ(BytesToCharacters(absl::string_view("\0\x7F\xAD", 3)), "ĀġŃ");
}

TEST(ByteLevelTest, EveryByteHasItsOwnCharacterAndComesBack) {
  std::set<std::string> characters;
  for (int byte = 0; byte < 256; ++byte) {
    const std::string one(1, static_cast<char>(byte));
    const std::string character = BytesToCharacters(one);
    size_t length = 0;
    NextCodePoint(character, &length);
    EXPECT_EQ(length, character.size()) << byte;
    EXPECT_EQ(Bytes(character), one);
    characters.insert(character);
  }
  EXPECT_EQ(characters.size(), 256u);
}

TEST(ByteLevelTest, ATokenOutsideOfTheAlphabetIsItsOwnText) {
  EXPECT_EQ(Bytes("Ġ中"), "Ġ中");
  EXPECT_EQ(Bytes("a b"), "a b");  // a space is not in the alphabet
  EXPECT_EQ(Bytes("Ġa"), " a");
}

TEST(ByteLevelTest, AppendsToWhatIsThere) {
  std::string bytes = "x";
  AppendTokenBytes("中", &bytes);
  AppendTokenBytes("Ġ", &bytes);
  EXPECT_EQ(bytes, "x中 ");
}

}  // namespace
}  // namespace probesweep::worker
