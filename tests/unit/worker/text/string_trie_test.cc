#include "worker/text/string_trie.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace probesweep::worker
