#include "worker/text/tokenizer_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"
#include "worker/text/json_file.h"

namespace probesweep::worker {
namespace {

using Json = nlohmann::json;

std::vector<std::string> Lines(const MergeList& merges) {
  std::vector<std::string> lines;
  EXPECT_OK(merges.ForEach([&lines](absl::string_view left, absl::string_view right) {
    lines.push_back(absl::StrCat(left, "|", right));
    return absl::OkStatus();
  }));
  return lines;
}

TEST(TokenizerJsonTest, KeepsVocabularyAndMergesOutOfTheTree) {
  ASSERT_OK_AND_ASSIGN(const TokenizerSource source, ParseTokenizerJson(R"({
      "vocab": {"not": "this"}, "list": [1, -2, 0.5, true, null, "x", [], {"vocab": {"nor": "this"}}],
      "model": {"a": 1, "vocab": {"a": 0, "\u00e9\n": 4294967295}, "b": {"vocab": {"c": 2}},
                "merges": [["a", "b c"], "d e", "#version: 0.2"], "c": []},
      "merges": ["a"]})",
                                                                        "t"));
  EXPECT_EQ(source.json, Json::parse(R"({
      "vocab": {"not": "this"}, "list": [1, -2, 0.5, true, null, "x", [], {"vocab": {"nor": "this"}}],
      "model": {"a": 1, "vocab": {}, "b": {"vocab": {"c": 2}}, "merges": [], "c": []},
      "merges": ["a"]})"));
  EXPECT_EQ(source.vocabulary.size(), 2u);
  EXPECT_EQ(source.vocabulary.IdOf("a"), 0u);
  EXPECT_EQ(source.vocabulary.IdOf("\u00e9\n"), 4294967295u);
  EXPECT_EQ(Lines(source.merges), (std::vector<std::string>{"a|b c", "d|e"}));
  EXPECT_EQ(source.vocabulary.fault() + source.merges.fault(), "");
  EXPECT_EQ(source.name, "t");
}

TEST(TokenizerJsonTest, ReadsAVocabularyByItself) {
  ASSERT_OK_AND_ASSIGN(const TokenizerSource source,
                       ParseVocabularyJson(R"({"model": 0, "vocab": 1, "merges": 2})", "t"));
  EXPECT_EQ(source.json, Json::parse(R"({"model": {"vocab": {}}})"));
  EXPECT_EQ(source.vocabulary.size(), 3u);
  EXPECT_EQ(source.vocabulary.IdOf("merges"), 2u);
}

TEST(TokenizerJsonTest, LeavesWhatIsOfAnotherKindInTheTreeButEmpty) {
  struct Row {
    const char* text;
    const char* tree;
  };
  for (const Row& row :
       {Row{R"({"model": {"vocab": [["a", -1.5], {}], "merges": {"a": ["b"]}}, "x": 1})",
            R"({"model": {"vocab": [], "merges": {}}, "x": 1})"},
        Row{R"({"model": {"vocab": null, "merges": 7, "x": {"y": 1}}})",
            R"({"model": {"vocab": null, "merges": 7, "x": {"y": 1}}})"},
        Row{R"([{"vocab": {"a": "b"}}])", R"([{"vocab": {"a": "b"}}])"},
        Row{R"({"model": ["vocab", {"merges": [1]}]})", R"({"model": ["vocab", {"merges": [1]}]})"}}) {
    SCOPED_TRACE(row.text);
    ASSERT_OK_AND_ASSIGN(const TokenizerSource source, ParseTokenizerJson(row.text, "t"));
    EXPECT_EQ(source.json, Json::parse(row.tree));
    EXPECT_EQ(source.vocabulary.size() + source.merges.size(), 0u);
  }
}

TEST(TokenizerJsonTest, NamesWhatIsWrongInAVocabulary) {
  for (const char* id : {"-1", "1.5", "4294967296", "1e99", "true", "null", R"("7")", "[0]", R"({"c": 0})"}) {
    SCOPED_TRACE(id);
    const std::string text =
        absl::StrCat(R"({"model": {"vocab": {"a": 0, "b": )", id, R"(, "d": 1, "e": -1}}})");
    ASSERT_OK_AND_ASSIGN(const TokenizerSource source, ParseTokenizerJson(text, "t"));
    EXPECT_EQ(source.vocabulary.fault(), "the id of \"b\" must be a whole number below 2^32");
    EXPECT_EQ(source.vocabulary.size(), 1u);
  }
}

TEST(TokenizerJsonTest, NamesWhatIsNoMerge) {
  for (const char* merge :
       {"7", "-7", "0.5", "null", "false", "{}", R"({"a": "b"})", "[]", R"(["a"])", R"(["a", "b", "c"])",
        R"(["a", 1])", R"(["a", ["b"]])", R"([["a", "b"]])", R"("ab")"}) {
    SCOPED_TRACE(merge);
    const std::string text = absl::StrCat(R"({"model": {"merges": ["a b", )", merge, R"(, "c d"]}})");
    ASSERT_OK_AND_ASSIGN(const TokenizerSource source, ParseTokenizerJson(text, "t"));
    EXPECT_EQ(source.merges.fault(), "merge 1 must be two tokens");
    EXPECT_EQ(Lines(source.merges), std::vector<std::string>{"a|b"});
  }
}

TEST(TokenizerJsonTest, OfAKeyThatIsThereTwiceTheLastCounts) {
  ASSERT_OK_AND_ASSIGN(
      const TokenizerSource twice,
      ParseTokenizerJson(
          R"({"model": {"vocab": {"a": 0}, "merges": ["a a"], "vocab": {"b": 1}, "merges": ["b b"]}})", "t"));
  EXPECT_EQ(twice.vocabulary.IdOf("a"), std::nullopt);
  EXPECT_EQ(twice.vocabulary.IdOf("b"), 1u);
  EXPECT_EQ(Lines(twice.merges), std::vector<std::string>{"b|b"});
  ASSERT_OK_AND_ASSIGN(
      const TokenizerSource models,
      ParseTokenizerJson(R"({"model": {"vocab": {"a": -1}, "merges": [0]}, "model": {"x": 1}})", "t"));
  EXPECT_EQ(models.json, Json::parse(R"({"model": {"x": 1}})"));
  EXPECT_EQ(models.vocabulary.fault() + models.merges.fault(), "");
  EXPECT_EQ(models.vocabulary.size(), 0u);
}

TEST(TokenizerJsonTest, SaysWhatIsNoJson) {
  for (const char* text :
       {"", "{", R"({"model": {"vocab": {"a": 0})", R"({"model": {"vocab": {"a" 0}}})",
        R"({"model": {"merges": ["a", ]}})", "{\"model\": {\"vocab\": {\"\xFF\": 0}}}", "1e999"}) {
    EXPECT_STATUS(ParseTokenizerJson(text, "dir/t"), kInvalidArgument, "dir/t is not JSON", "copy it again");
    EXPECT_STATUS(ParseVocabularyJson(text, "dir/t"), kInvalidArgument, "dir/t is not JSON", "copy it again");
  }
}

TEST(TokenizerJsonTest, NestsWithinAndOutsideOfVocabularyAndMerges) {
  const auto nested = [](const std::string& before, int lists) {
    return before + std::string(static_cast<size_t>(lists), '[');
  };
  for (const char* before : {R"({"x":)", R"({"model":{"vocab":{"a":)", R"({"model":{"merges":)"}) {
    EXPECT_STATUS(ParseTokenizerJson(nested(before, 64), "t"), kInvalidArgument, "nests", "64");
    EXPECT_STATUS(ParseTokenizerJson(nested(before, 60), "t"), kInvalidArgument, "not JSON");
  }
}

// A list of `times` elements.
std::string ListOf(const std::string& element, size_t times) {
  std::string text = "[" + element;
  for (size_t i = 1; i < times; ++i) text += "," + element;
  return text + "]";
}

TEST(TokenizerJsonTest, GivesUpWhereATreeTakesManyTimesItsText) {
  for (const char* element : {"0", "{}", "[]", "\"\"", R"({"a":0})", R"({"a":{"b":{}}})"}) {
    SCOPED_TRACE(element);
    const std::string text = R"({"x":)" + ListOf(element, 1'000'000) + "}";
    EXPECT_STATUS(ParseTokenizerJson(text, "t"), kInvalidArgument, "t holds more values", "copy it again");
    EXPECT_OK(ParseTokenizerJson(R"({"x":)" + ListOf(element, 10'000) + "}", "t"));
  }
  EXPECT_STATUS(ParseJson(ListOf("{}", 1'000'000), "t"), kInvalidArgument, "t holds more values");
}

TEST(TokenizerJsonTest, ReadsAsManyAddedTokensAsPublishedFilesHave) {
  const std::string token =
      "\n    {\n      \"id\": 128256,\n      \"content\": \"<|s_128256|>\",\n      \"single_word\": false,\n"
      "      \"lstrip\": false,\n      \"rstrip\": false,\n      \"normalized\": false,\n      \"special\": "
      "true\n    }";
  constexpr size_t kTokens = 66'000;
  std::string vocabulary = "{\"a\": 0";
  for (size_t id = 1; id < 3 * kTokens; ++id)
    absl::StrAppend(&vocabulary, ",\n      \"token", id, "\": ", id);
  const std::string text = absl::StrCat(
      "{\"added_tokens\":", ListOf(token, kTokens), ",\"model\":{\"vocab\":", vocabulary,
      "},\"merges\":", ListOf("\n      [\n        \"a\",\n        \"a\"\n      ]", 200'000), "}}");
  EXPECT_OK(ParseTokenizerJson(text, "t"));
  // tokenizer_config.json lists them again.
  EXPECT_OK(ParseJson("{\"added_tokens_decoder\":" + ListOf(token, kTokens) + "}", "t"));
}

}  // namespace
}  // namespace probesweep::worker
