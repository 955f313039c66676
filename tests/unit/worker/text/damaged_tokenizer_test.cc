// A tokenizer.json is an untrusted file: whatever is in it, the answer is a tokenizer or an error.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"
#include "tests/unit/worker/text/json_lines.h"
#include "worker/text/tokenizer.h"

namespace probesweep::worker {
namespace {

using Json = nlohmann::json;

// Loads, and uses what loads. Counts what loads, so that a test sees that both outcomes occur.
void LoadAndUse(const std::string& json, int* loaded) {
  const auto tokenizer = Tokenizer::FromJson(json, "damaged");
  if (!tokenizer.ok()) {
    const bool expected =
        absl::IsInvalidArgument(tokenizer.status()) || absl::IsUnimplemented(tokenizer.status());
    EXPECT_TRUE(expected) << tokenizer.status();
    return;
  }
  ++*loaded;
  const auto ids = (*tokenizer)->Encode("Hello <|endoftext|> caf\u00e9 \t 42");
  if (ids.ok()) (*tokenizer)->Decode(*ids);
}

std::string DemoTokenizer() {
  const auto json = ReadFile(testing::SourceDir() + "/deploy/demo/checkpoints/step0/tokenizer.json");
  EXPECT_OK(json);
  return json.value_or("");
}

TEST(DamagedTokenizerTest, ATruncatedFileIsNotJson) {
  const std::string json = DemoTokenizer();
  const size_t end = json.find_last_of('}');
  for (size_t length = 0; length <= end; length += 1 + length / 50) {
    EXPECT_STATUS(Tokenizer::FromJson(json.substr(0, length), "some/tokenizer.json"), kInvalidArgument,
                  "some/tokenizer.json", "not JSON", "copy it again");
  }
  EXPECT_STATUS(Tokenizer::FromJson(json.substr(0, end), "t"), kInvalidArgument, "not JSON");
}

TEST(DamagedTokenizerTest, GarbageIsRefused) {
  for (const std::string& json :
       {std::string(""), std::string("\0\0\0", 3), std::string("\x1F\x8B\x08"), std::string("null"),
        std::string("[]"), std::string("42"), std::string("{}"), std::string("\"\\ud800\""),
        std::string("{\"model\": \"\xFF\"}"), std::string("version https://git-lfs.github.com/spec/v1\n")}) {
    EXPECT_FALSE(Tokenizer::FromJson(json, "t").ok()) << json;
  }
}

TEST(DamagedTokenizerTest, DeepNestingIsRefused) {
  const std::string brackets(1'000'000, '[');
  EXPECT_STATUS(Tokenizer::FromJson(brackets, "t"), kInvalidArgument, "nests");
  EXPECT_STATUS(Tokenizer::FromJson(brackets.substr(0, 65), "t"), kInvalidArgument, "nests");
  EXPECT_STATUS(Tokenizer::FromJson(brackets.substr(0, 64), "t"), kInvalidArgument, "not JSON");
  std::string normalizer = R"({"type": "NFC"})";
  for (int i = 0; i < 20; ++i) normalizer = R"({"type": "Sequence", "normalizers": [)" + normalizer + "]}";
  EXPECT_STATUS(
      Tokenizer::FromJson(
          R"({"model": {"type": "BPE", "vocab": {}, "merges": []}, "normalizer": )" + normalizer + "}", "t"),
      kInvalidArgument, "nested too deeply");
}

TEST(DamagedTokenizerTest, ChangedBytesNeverCrash) {
  const std::string json = DemoTokenizer();
  // Most bytes are tokens and merges, where any change is refused: every other round spares them.
  const size_t settings = json.find("\"vocab\"");
  ASSERT_NE(settings, std::string::npos);
  std::mt19937 random(5);
  int loaded = 0;
  constexpr int kRounds = 400;
  for (int round = 0; round < kRounds; ++round) {
    std::string damaged = json;
    const size_t range = round % 2 == 0 ? settings : json.size();
    for (int change = 0; change < 1 + round % 3; ++change) {
      damaged[random() % range] = static_cast<char>(round % 4 < 2 ? random() % 256 : '0' + random() % 10);
    }
    LoadAndUse(damaged, &loaded);
  }
  EXPECT_GT(loaded, 0);
  EXPECT_LT(loaded, kRounds);
}

// Calls `visit` with every value of `json` but single tokens and merges, which it may change and must
// restore.
template <typename Visit>
void ForEachValue(Json& json, const Visit& visit) {
  if (json.is_structured() && json.size() < 100) {
    for (Json& child : json) ForEachValue(child, visit);
  }
  visit(json);
}

TEST(DamagedTokenizerTest, ValuesOfOtherTypesNeverCrash) {
  const std::vector<Json> values = {nullptr,
                                    true,
                                    -1,
                                    1e300,
                                    4294967296,
                                    "",
                                    "x",
                                    Json::array(),
                                    Json::array({nullptr}),
                                    Json::object(),
                                    Json{{"type", "Sequence"}},
                                    Json{{"Regex", "("}},
                                    Json{{"String", ""}}};
  std::vector<Json> tokenizers;
  for (const Json& row :
       ReadJsonLines(testing::SourceDir() + "/tests/unit/worker/text/golden/tokenizers.jsonl")) {
    tokenizers.push_back(row["tokenizer"]);
  }
  int loaded = 0, tried = 0;
  for (Json& json : tokenizers) {
    ForEachValue(json, [&](Json& value) {
      const Json original = value;
      for (const Json& other : values) {
        value = other;
        LoadAndUse(json.dump(), &loaded);
        ++tried;
      }
      value = original;
    });
  }
  EXPECT_GT(loaded, 0);
  EXPECT_LT(loaded, tried);
}

Json TwoLetters() {
  return {
      {"model", {{"type", "BPE"}, {"vocab", {{"a", 0u}, {"b", 1u}, {"", 2u}}}, {"merges", Json::array()}}}};
}

TEST(DamagedTokenizerTest, WhatWouldTakeAnyAmountOfMemoryIsRefused) {
  const auto load = [](const Json& json) { return Tokenizer::FromJson(json.dump(), "t").status(); };
  Json json = TwoLetters();
  const Json once = {{"Sequence", {{"id", "A"}, {"type_id", 0}}}};
  json["post_processor"] = {{"type", "TemplateProcessing"},
                            {"single", std::vector<Json>(1000, once)},
                            {"special_tokens", Json::object()}};
  EXPECT_STATUS(load(json), kUnimplemented, "post_processor", "64");
  json = TwoLetters();
  json["normalizer"] = {{"type", "Prepend"}, {"prepend", std::string(1000, 'a')}};
  EXPECT_STATUS(load(json), kUnimplemented, "normalizer", "prepend");
  json["normalizer"] = {
      {"type", "Replace"}, {"pattern", {{"String", "a"}}}, {"content", std::string(1000, 'a')}};
  EXPECT_STATUS(load(json), kUnimplemented, "normalizer", "replacement");
  json = TwoLetters();
  json["added_tokens"] = {{{"id", 3u},
                           {"content", std::string(1000, 'a')},
                           {"single_word", false},
                           {"lstrip", false},
                           {"rstrip", false},
                           {"normalized", false},
                           {"special", false}}};
  EXPECT_STATUS(load(json), kUnimplemented, "added_tokens[0]", "512");
}

TEST(DamagedTokenizerTest, ATextThatGrowsWithoutBoundIsRefused) {
  Json json = TwoLetters();
  const Json step = {{"type", "Replace"}, {"pattern", {{"String", "a"}}}, {"content", std::string(100, 'a')}};
  json["normalizer"] = {{"type", "Sequence"}, {"normalizers", std::vector<Json>(8, step)}};
  ASSERT_OK_AND_ASSIGN(const auto tokenizer, Tokenizer::FromJson(json.dump(), "t"));
  EXPECT_STATUS(tokenizer->Encode("a"), kInvalidArgument, "a text of 1 bytes", "64 times as long");
}

TEST(DamagedTokenizerTest, ARegularExpressionThatTakesForeverIsGivenUp) {
  Json json = TwoLetters();
  json["pre_tokenizer"] = {
      {"type", "Split"}, {"pattern", {{"Regex", "(a+)+$"}}}, {"behavior", "Isolated"}, {"invert", false}};
  ASSERT_OK_AND_ASSIGN(const auto tokenizer, Tokenizer::FromJson(json.dump(), "t"));
  EXPECT_STATUS(tokenizer->Encode(std::string(300, 'a') + "b"), kInvalidArgument, "gives up", "shorten");
}

TEST(DamagedTokenizerTest, MergesOfNothingAreRefused) {
  Json json = TwoLetters();
  json["model"]["merges"] = Json::array({Json::array({"", "a"})});
  EXPECT_STATUS(Tokenizer::FromJson(json.dump(), "t"), kInvalidArgument, "model.merges", "merge 0", "empty");
}

}  // namespace
}  // namespace probesweep::worker
