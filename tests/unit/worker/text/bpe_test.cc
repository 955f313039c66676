#include "worker/text/bpe.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "common/status.h"
#include "tests/support/status_matchers.h"
#include "worker/text/tokenizer_json.h"

namespace probesweep::worker {
namespace {

using Json = nlohmann::json;
using Ids = std::vector<int64_t>;

// a b c d -> 0 1 2 3; "ab" 4, "abc" 5, "cd" 6; ranks: c d, a b, ab c.
Json SmallModel() {
  return Json::parse(R"({"type": "BPE",
      "vocab": {"a": 0, "b": 1, "c": 2, "d": 3, "ab": 4, "abc": 5, "cd": 6},
      "merges": [["c", "d"], ["a", "b"], ["ab", "c"]]})");
}

absl::StatusOr<std::unique_ptr<BpeModel>> Read(const Json& json) {
  PS_ASSIGN_OR_RETURN(TokenizerSource source, ParseTokenizerJson(Json{{"model", json}}.dump(), "file"));
  const Component root(source.json, "file");
  return BpeModel::Read(root.Field("model"), std::move(source.vocabulary), source.merges);
}

Ids Encode(const BpeModel& model, absl::string_view word) {
  Ids ids;
  WordCache cache;
  EXPECT_OK(model.Encode(word, &cache, &ids));
  return ids;
}

TEST(BpeModelTest, MergesByRankThenFromTheLeft) {
  const Json json = SmallModel();
  ASSERT_OK_AND_ASSIGN(const auto model, Read(json));
  EXPECT_EQ(Encode(*model, "abc"), (Ids{5}));
  EXPECT_EQ(Encode(*model, "abcd"), (Ids{4, 6}));  // "cd" goes before "ab c"
  EXPECT_EQ(Encode(*model, "ababc"), (Ids{4, 5}));
  EXPECT_EQ(Encode(*model, "cba"), (Ids{2, 1, 0}));
  EXPECT_EQ(Encode(*model, ""), (Ids{}));
}

TEST(BpeModelTest, AppendsAndGivesTheSameFromItsCache) {
  const Json json = SmallModel();
  ASSERT_OK_AND_ASSIGN(const auto model, Read(json));
  Ids ids;
  WordCache cache;
  for (int i = 0; i < 3; ++i) ASSERT_OK(model->Encode("abcd", &cache, &ids));
  EXPECT_EQ(ids, (Ids{4, 6, 4, 6, 4, 6}));
}

// The definition, word by word: of all neighbours that merge, the one of lowest rank, the leftmost of equals.
Ids Naive(const Json& json, const std::string& word) {
  std::vector<std::string> parts;
  for (const char c : word) parts.emplace_back(1, c);
  for (;;) {
    size_t best_rank = SIZE_MAX, best_at = 0;
    for (size_t at = 0; at + 1 < parts.size(); ++at) {
      for (size_t rank = 0; rank < json["merges"].size(); ++rank) {
        if (json["merges"][rank] != Json{parts[at], parts[at + 1]} || rank >= best_rank) continue;
        best_rank = rank;
        best_at = at;
      }
    }
    if (best_rank == SIZE_MAX) break;
    parts[best_at] += parts[best_at + 1];
    parts.erase(parts.begin() + static_cast<int64_t>(best_at) + 1);
  }
  Ids ids;
  for (const std::string& part : parts) ids.push_back(json["vocab"][part].get<int64_t>());
  return ids;
}

TEST(BpeModelTest, EqualsTheDefinitionOnRandomWords) {
  const Json json = Json::parse(R"({"type": "BPE",
      "vocab": {"a": 0, "b": 1, "aa": 2, "ab": 3, "ba": 4, "aaa": 5, "aab": 6, "abab": 7, "aaaa": 8},
      "merges": [["a", "b"], ["aa", "a"], ["a", "a"], ["b", "a"], ["ab", "ab"], ["a", "ab"], ["aa", "aa"]]})");
  ASSERT_OK_AND_ASSIGN(const auto model, Read(json));
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    std::string word(random() % 14, 'a');
    for (char& c : word) c = random() % 3 == 0 ? 'b' : 'a';
    EXPECT_EQ(Encode(*model, word), Naive(json, word)) << word;
  }
}

TEST(BpeModelTest, LongWordsTakeNoQuadraticTime) {
  const Json json = SmallModel();
  ASSERT_OK_AND_ASSIGN(const auto model, Read(json));
  std::string word;
  for (int i = 0; i < 200'000; ++i) word += "abc";
  EXPECT_EQ(Encode(*model, word).size(), 200'000u);  // quadratic: minutes, past the test's time limit
}

TEST(BpeModelTest, MapsTokensAndIds) {
  const Json json = SmallModel();
  ASSERT_OK_AND_ASSIGN(const auto model, Read(json));
  EXPECT_EQ(model->vocab_size(), 7u);
  EXPECT_EQ(model->TokenToId("abc"), 5);
  EXPECT_EQ(model->TokenToId("x"), std::nullopt);
  EXPECT_EQ(model->IdToToken(6), "cd");
  for (const int64_t id : {int64_t{7}, int64_t{-1}, int64_t{1} << 33})
    EXPECT_EQ(model->IdToToken(id), std::nullopt);
}

TEST(BpeModelTest, SaysWhichCharacterHasNoToken) {
  Json json = SmallModel();
  json["unk_token"] = "<unk>";
  ASSERT_OK_AND_ASSIGN(const auto model, Read(json));
  Ids ids;
  WordCache cache;
  EXPECT_STATUS(model->Encode("aéb", &cache, &ids), kFailedPrecondition, "\"é\"", "<unk>", "remove");
}

TEST(BpeModelTest, RefusesWhatIsNotThisModel) {
  struct Refusal {
    const char* intent;
    const char* patch;  // RFC 7386
    absl::StatusCode code;
    const char* part;
  };
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  constexpr auto kUnimplemented = absl::StatusCode::kUnimplemented;
  for (const Refusal& refusal : {
           Refusal{"another model", R"({"type": "WordPiece"})", kUnimplemented, "\"WordPiece\""},
           Refusal{"no type, no merges", R"({"type": null, "merges": null})", kUnimplemented,
                   "without a type"},
           Refusal{"dropout", R"({"dropout": 0.1})", kUnimplemented, "dropout"},
           Refusal{"no vocabulary", R"({"vocab": null})", kInvalid, "\"vocab\""},
           Refusal{"a negative id", R"({"vocab": {"a": -1}})", kInvalid, "the id of \"a\""},
           Refusal{"an id past 32 bits", R"({"vocab": {"a": 4294967296}})", kInvalid, "the id of \"a\""},
           Refusal{"an id twice", R"({"vocab": {"x": 1}})", kInvalid, "have the same id"},
           Refusal{"no merges", R"({"merges": null})", kInvalid, "\"merges\""},
           Refusal{"a merge of one", R"({"merges": ["ab"]})", kInvalid, "merge 0"},
           Refusal{"a merge of three", R"({"merges": [["a", "b", "c"]]})", kInvalid, "merge 0"},
           Refusal{"a merge of nothing known", R"({"merges": [["a", "b"], ["b", "c"]]})", kInvalid,
                   "merge 1"},
           Refusal{"a flag that is none", R"({"fuse_unk": 1})", kInvalid, "\"fuse_unk\""},
       }) {
    SCOPED_TRACE(refusal.intent);
    Json json = SmallModel();
    json.merge_patch(Json::parse(refusal.patch));
    EXPECT_TRUE(testing::StatusIs(Read(json).status(), refusal.code, {"file", refusal.part}));
  }
}

}  // namespace
}  // namespace probesweep::worker
