#include "worker/text/string_trie.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

namespace probesweep::worker {
namespace {

TEST(StringTrieTest, FindsTheLongestKey) {
  StringTrie trie;
  ASSERT_TRUE(trie.Insert("ab", 1));
  ASSERT_TRUE(trie.Insert("abcd", 2));
  ASSERT_TRUE(trie.Insert("b", 3));
  const auto longest = trie.LongestPrefix("abcde");
  ASSERT_TRUE(longest.has_value());
  EXPECT_EQ(longest->length, 4u);
  EXPECT_EQ(longest->value, 2);
  // On the way to a longer key that does not come.
  const auto shorter = trie.LongestPrefix("abcx");
  ASSERT_TRUE(shorter.has_value());
  EXPECT_EQ(shorter->length, 2u);
  EXPECT_EQ(shorter->value, 1);
  EXPECT_FALSE(trie.LongestPrefix("a").has_value());
  EXPECT_FALSE(trie.LongestPrefix("xab").has_value());
  EXPECT_FALSE(trie.LongestPrefix("").has_value());
}

TEST(StringTrieTest, RefusesEmptyAndRepeatedKeys) {
  StringTrie trie;
  EXPECT_FALSE(trie.Insert("", 1));
  EXPECT_TRUE(trie.Insert("a", 1));
  EXPECT_FALSE(trie.Insert("a", 2));
  EXPECT_EQ(trie.LongestPrefix("a")->value, 1);
}

TEST(StringTrieTest, KeysAreBytes) {
  StringTrie trie;
  const std::string key("\xFF\0\x80", 3);
  ASSERT_TRUE(trie.Insert(key, 7));
  EXPECT_EQ(trie.LongestPrefix(key + "x")->length, 3u);
}

TEST(StringTrieTest, EqualsTheDefinitionOnRandomKeys) {
  std::mt19937 random(7);
  const auto word = [&random](size_t longest) {
    std::string letters(random() % (longest + 1), 'a');
    for (char& letter : letters) letter = random() % 3 == 0 ? 'b' : 'a';
    return letters;
  };
  for (int round = 0; round < 100; ++round) {
    StringTrie trie;
    std::map<std::string, int64_t> keys;
    for (int64_t value = 0; value < 20; ++value) {
      const std::string key = word(8);
      const auto [kept, is_new] = keys.try_emplace(key, value);
      ASSERT_EQ(trie.Insert(kept->first, value), is_new && !key.empty()) << key;
    }
    for (int i = 0; i < 50; ++i) {
      const std::string text = word(12);
      size_t length = text.size();
      while (length > 0 && keys.find(text.substr(0, length)) == keys.end()) --length;
      const auto match = trie.LongestPrefix(text);
      ASSERT_EQ(match.has_value(), length > 0) << text;
      if (!match.has_value()) continue;
      EXPECT_EQ(match->length, length) << text;
      EXPECT_EQ(match->value, keys[text.substr(0, length)]) << text;
    }
  }
}

}  // namespace
}  // namespace probesweep::worker
