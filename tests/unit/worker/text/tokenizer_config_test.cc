#include "worker/text/tokenizer_config.h"

#include <gtest/gtest.h>

#include <string>

#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"
#include "worker/text/text_ends.h"

namespace probesweep::worker {
namespace {

using Json = nlohmann::json;

TEST(TokenizerConfigTest, IsEmptyWithoutFiles) {
  const testing::TempDir folder;
  ASSERT_OK_AND_ASSIGN(const TokenizerConfig config, ReadTokenizerConfig(folder.path()));
  EXPECT_EQ(config.tokenizer_class, "");
  EXPECT_FALSE(config.add_bos_token.has_value());
  EXPECT_TRUE(config.added.empty() && config.named.empty() && config.extra.empty());
}

TEST(TokenizerConfigTest, GivesTokensTheFlagsThatTransformersGivesThem) {
  const testing::TempDir folder;
  ASSERT_OK(WriteFileAtomically(folder.File("tokenizer_config.json"), R"({
      "tokenizer_class": "LlamaTokenizerFast", "bos_token": "plain", "pad_token": null,
      "added_tokens_decoder": {"10": {"content": "ten"}, "9": {"content": "nine", "special": true}}})"));
  ASSERT_OK_AND_ASSIGN(const TokenizerConfig config, ReadTokenizerConfig(folder.path()));
  EXPECT_EQ(config.tokenizer_class, "LlamaTokenizer");
  ASSERT_EQ(config.added.size(), 2u);
  EXPECT_EQ(config.added[0]["content"], "nine") << "by id, not by spelling";
  EXPECT_EQ(config.added[0]["normalized"], false);
  EXPECT_EQ(config.added[1]["normalized"], true) << "what is not special is looked for in normalised text";
  EXPECT_EQ(config.added[1]["special"], false);
  ASSERT_EQ(config.named.size(), 1u);
  EXPECT_EQ(config.named[0].second["special"], true);
  EXPECT_EQ(config.ContentOf("bos_token", "none"), "plain");
  EXPECT_EQ(config.ContentOf("pad_token", "none"), "none");
}

TEST(TextEndsTest, CountsTokensBeyondTheVocabulary) {
  Vocabulary vocabulary;
  vocabulary.Add("a", 0);
  vocabulary.Add("b", 1);
  const Json added = {
      {{"content", "first"}}, {{"content", "first"}}, {{"content", "b"}}, {{"content", "second"}}};
  TextEnds ends{"first", "second", true, true};
  ASSERT_OK_AND_ASSIGN(const Json post, PutAround(ends, added, vocabulary, "t"));
  EXPECT_EQ(post["special_tokens"]["first"]["ids"], Json::array({2u}));
  EXPECT_EQ(post["special_tokens"]["second"]["ids"], Json::array({3u}));
  EXPECT_EQ(post["single"].size(), 3u);
  ends.begin = "absent";
  EXPECT_STATUS(PutAround(ends, added, vocabulary, "dir/vocab.json"), kInvalidArgument, "dir/vocab.json",
                "absent");
}

}  // namespace
}  // namespace probesweep::worker
