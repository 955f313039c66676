#include "worker/text/vocabulary.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace probesweep::worker {
namespace {

TEST(VocabularyTest, MapsTokensAndIds) {
  Vocabulary vocabulary;
  vocabulary.Add("a", 7);
  vocabulary.Add("", 2);
  vocabulary.Add("ab", UINT32_MAX);
  ASSERT_FALSE(vocabulary.OrderById().has_value());
  EXPECT_EQ(vocabulary.size(), 3u);
  EXPECT_EQ(vocabulary.IdOf("a"), 7u);
  EXPECT_EQ(vocabulary.IdOf(""), 2u);
  EXPECT_EQ(vocabulary.IdOf("ab"), UINT32_MAX);
  EXPECT_EQ(vocabulary.IdOf("b"), std::nullopt);
  EXPECT_EQ(vocabulary.TokenOf(2), "");
  EXPECT_EQ(vocabulary.TokenOf(7), "a");
  EXPECT_EQ(vocabulary.TokenOf(UINT32_MAX), "ab");
  for (const TokenId id : {0u, 1u, 3u, 8u}) EXPECT_EQ(vocabulary.TokenOf(id), std::nullopt) << id;
}

TEST(VocabularyTest, MapsManyOutOfOrderAndAfterAMove) {
  constexpr TokenId kSize = 10'000;
  Vocabulary filled;
  for (TokenId i = 0; i < kSize; ++i) filled.Add(absl::StrCat("token", i), (i * 7919) % kSize);
  Vocabulary vocabulary = std::move(filled);
  ASSERT_FALSE(vocabulary.OrderById().has_value());
  for (TokenId i = 0; i < kSize; ++i) {
    const std::string token = absl::StrCat("token", i);
    ASSERT_EQ(vocabulary.IdOf(token), (i * 7919) % kSize);
    ASSERT_EQ(vocabulary.TokenOf((i * 7919) % kSize), token);
  }
}

TEST(VocabularyTest, OfATokenGivenTwiceTheLaterIdCounts) {
  Vocabulary vocabulary;
  for (const TokenId id : {1u, 5u, 3u}) vocabulary.Add("a", id);
  ASSERT_FALSE(vocabulary.OrderById().has_value());
  EXPECT_EQ(vocabulary.size(), 1u);
  EXPECT_EQ(vocabulary.IdOf("a"), 3u);
  EXPECT_EQ(vocabulary.TokenOf(5), std::nullopt);
}

TEST(VocabularyTest, FindsTokensOfOneId) {
  Vocabulary vocabulary;
  vocabulary.Add("a", 4);
  vocabulary.Add("b", 1);
  vocabulary.Add("c", 4);
  const auto same = vocabulary.OrderById();
  ASSERT_TRUE(same.has_value());
  EXPECT_TRUE((same->first == "a" && same->second == "c") || (same->first == "c" && same->second == "a"));
}

TEST(VocabularyTest, KeepsTheFirstFaultAndAddsNoMore) {
  Vocabulary vocabulary;
  vocabulary.Add("a", 0);
  vocabulary.Refuse("first");
  vocabulary.Refuse("second");
  vocabulary.Add("b", 1);
  EXPECT_EQ(vocabulary.fault(), "first");
  EXPECT_EQ(vocabulary.size(), 1u);
}

}  // namespace
}  // namespace probesweep::worker
