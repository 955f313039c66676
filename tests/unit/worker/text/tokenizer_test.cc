#include "worker/text/tokenizer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::worker {
namespace {

using Json = nlohmann::json;
using Ids = std::vector<int64_t>;

Json SmallTokenizer() {
  return Json::parse(R"({"version": "1.0",
      "added_tokens": [{"id": 5, "content": "<s>", "single_word": false, "lstrip": false, "rstrip": false,
                        "normalized": false, "special": true}],
      "normalizer": null, "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null, "decoder": null,
      "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": [["a", "b"]]}})");
}

absl::StatusOr<std::unique_ptr<Tokenizer>> Load(const Json& json) {
  return Tokenizer::FromJson(json.dump(), "t.json");
}

TEST(TokenizerTest, OpensAFolder) {
  const testing::TempDir folder;
  const std::string json = SmallTokenizer().dump();
  ASSERT_OK(WriteFileAtomically(folder.File("tokenizer.json"), json));
  ASSERT_OK_AND_ASSIGN(const auto tokenizer, Tokenizer::Open(folder.path()));
  EXPECT_EQ(tokenizer->Encode("ab a").value(), (Ids{2, 0}));
}

TEST(TokenizerTest, AFolderWithoutOneSaysWhatIsSupported) {
  const testing::TempDir folder;
  EXPECT_STATUS(Tokenizer::Open(folder.path()), kNotFound, folder.path(), "tokenizer.json", "BPE",
                "AutoTokenizer");
}

TEST(TokenizerTest, CountsAddedTokensThatTheModelLacks) {
  Json json = SmallTokenizer();
  ASSERT_OK_AND_ASSIGN(const auto beyond, Load(json));
  EXPECT_EQ(beyond->vocab_size(), 4);
  EXPECT_EQ(beyond->Encode("<s>").value(), (Ids{3}));  // the next free id, whatever the file says
  json["added_tokens"][0]["content"] = "ab";
  ASSERT_OK_AND_ASSIGN(const auto within, Load(json));
  EXPECT_EQ(within->vocab_size(), 3);
}

TEST(TokenizerTest, DecodesByJoiningWhereThereIsNoDecoder) {
  ASSERT_OK_AND_ASSIGN(const auto tokenizer, Load(SmallTokenizer()));
  EXPECT_EQ(tokenizer->Decode({3, 2, 0}), "<s> ab a");
  EXPECT_EQ(tokenizer->Decode({3, 2, 0}, /*skip_special_tokens=*/true), "ab a");
  EXPECT_EQ(tokenizer->Decode({2, 99, -1, 0}), "ab a");  // ids that no token has
  EXPECT_EQ(tokenizer->Decode({}), "");
}

TEST(TokenizerTest, TakesStatementsWhole) {
  Json json = SmallTokenizer();
  json["truncation"] =
      Json::parse(R"({"direction": "Right", "max_length": 1, "strategy": "LongestFirst", "stride": 0})");
  json["padding"] =
      Json::parse(R"({"strategy": {"Fixed": 8}, "direction": "Right", "pad_id": 0, "pad_token": "a"})");
  ASSERT_OK_AND_ASSIGN(const auto tokenizer, Load(json));
  EXPECT_EQ(tokenizer->Encode("a b ab").value(), (Ids{0, 1, 2}));
}

TEST(TokenizerTest, RefusesTextThatIsNotUtf8) {
  ASSERT_OK_AND_ASSIGN(const auto tokenizer, Load(SmallTokenizer()));
  EXPECT_STATUS(tokenizer->Encode("ab\xFF"), kInvalidArgument, "not UTF-8 at byte 2", "convert");
}

TEST(TokenizerTest, GivesTheSameFromManyThreads) {
  ASSERT_OK_AND_ASSIGN(const auto tokenizer, Load(SmallTokenizer()));
  std::vector<Ids> results(8);
  std::vector<std::thread> threads;
  for (Ids& result : results) {
    threads.emplace_back([&tokenizer, &result] {
      for (int round = 0; round < 200; ++round) {
        const std::string text(static_cast<size_t>(round % 40), round % 3 == 0 ? 'a' : 'b');
        const Ids ids = tokenizer->Encode(text + " ab").value();
        result.insert(result.end(), ids.begin(), ids.end());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Ids& result : results) EXPECT_EQ(result, results[0]);
}

TEST(TokenizerTest, RefusesWhatItDoesNotImplementByName) {
  struct Refusal {
    const char* patch;  // RFC 7386
    absl::StatusCode code;
    std::vector<std::string> parts;
  };
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  constexpr auto kUnimplemented = absl::StatusCode::kUnimplemented;
  for (
      const Refusal& refusal : {
          Refusal{R"({"version": "2.0"})", kUnimplemented, {"\"2.0\""}},
          Refusal{R"({"model": {"type": "Unigram"}})", kUnimplemented, {"model", "\"Unigram\"", "BPE"}},
          Refusal{R"({"normalizer": {"type": "BertNormalizer"}})",
                  kUnimplemented,
                  {"normalizer", "\"BertNormalizer\"", "NFC"}},
          Refusal{R"({"pre_tokenizer": {"type": "UnicodeScripts"}})",
                  kUnimplemented,
                  {"pre_tokenizer", "\"UnicodeScripts\""}},
          Refusal{R"({"post_processor": {"type": "X"}})", kUnimplemented, {"post_processor", "\"X\""}},
          Refusal{R"({"decoder": {"type": "WordPiece"}})", kUnimplemented, {"decoder", "\"WordPiece\""}},
          Refusal{
              R"({"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Whitespace"}, {"type": "X"}]}})",
              kUnimplemented,
              {"pre_tokenizer.pretokenizers[1]", "\"X\""}},
          Refusal{
              R"({"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "\\w+"}, "behavior": "Isolated", "invert": false}})",
              kUnimplemented,
              {"pre_tokenizer", "\\w"}},
          Refusal{R"({"normalizer": {"type": "Sequence", "normalizers": [null]}})",
                  kInvalid,
                  {"normalizer", "null"}},
          Refusal{R"({"normalizer": {"type": "Strip", "strip_left": true}})",
                  kInvalid,
                  {"normalizer", "\"strip_right\""}},
          Refusal{R"({"decoder": {"type": "Strip", "content": "ab", "start": 0, "stop": 0}})",
                  kInvalid,
                  {"one character"}},
          Refusal{
              R"({"post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "Q"}}], "special_tokens": {}}})",
              kInvalid,
              {"post_processor", "\"Q\""}},
          Refusal{R"({"post_processor": {"type": "Sequence", "processors": [
                       {"type": "BertProcessing", "sep": ["a", 0], "cls": ["b", 1]},
                       {"type": "BertProcessing", "sep": ["a", 0], "cls": ["b", 1]}]}})",
                  kUnimplemented,
                  {"post_processor", "more than one"}},
          Refusal{R"({"decoder": {"type": "Metaspace", "replacement": "_", "prepend_scheme": "always",
                                   "add_prefix_space": false}})",
                  kInvalid,
                  {"decoder", "contradicts"}},
          Refusal{R"({"added_tokens": [{"id": 1}]})", kInvalid, {"added_tokens[0]", "\"content\""}},
          Refusal{R"({"added_tokens": 3})", kInvalid, {"\"added_tokens\" must be a list"}},
      }) {
    SCOPED_TRACE(refusal.patch);
    Json json = SmallTokenizer();
    json.merge_patch(Json::parse(refusal.patch));
    std::vector<std::string> parts = refusal.parts;
    parts.push_back("t.json");
    EXPECT_TRUE(testing::StatusIs(Load(json).status(), refusal.code, parts));
  }
}

}  // namespace
}  // namespace probesweep::worker
