// Components and whole tokenizers against what Hugging Face's tokenizers gives: golden/make_golden.py.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"
#include "tests/unit/worker/text/json_lines.h"
#include "worker/text/component.h"
#include "worker/text/decoder.h"
#include "worker/text/normalizer.h"
#include "worker/text/pre_tokenizer.h"
#include "worker/text/tokenizer.h"

namespace probesweep::worker {
namespace {

using Json = nlohmann::json;
using Ids = std::vector<int64_t>;

std::vector<Json> Golden(const std::string& name) {
  return ReadJsonLines(testing::SourceDir() + "/tests/unit/worker/text/golden/" + name);
}

TEST(GoldenTest, Normalizers) {
  for (const Json& row : Golden("normalizers.jsonl")) {
    SCOPED_TRACE(row.dump());
    ASSERT_OK_AND_ASSIGN(const auto normalizer, ReadNormalizer(Component(row["config"], "golden")));
    Piece piece{row["input"].get<std::string>(), true};
    ASSERT_OK(normalizer->Apply(&piece));
    EXPECT_EQ(piece.text, row["output"].get<std::string>());
  }
}

TEST(GoldenTest, PreTokenizers) {
  for (const Json& row : Golden("pre_tokenizers.jsonl")) {
    SCOPED_TRACE(row.dump());
    ASSERT_OK_AND_ASSIGN(const auto pre_tokenizer, ReadPreTokenizer(Component(row["config"], "golden")));
    std::vector<Piece> parts;
    ASSERT_OK(pre_tokenizer->Cut({row["input"].get<std::string>(), true}, &parts));
    std::vector<std::string> words;
    for (const Piece& part : parts) words.push_back(part.text);
    EXPECT_EQ(words, row["output"].get<std::vector<std::string>>());
  }
}

TEST(GoldenTest, Decoders) {
  for (const Json& row : Golden("decoders.jsonl")) {
    SCOPED_TRACE(row.dump());
    ASSERT_OK_AND_ASSIGN(const auto decoder, ReadDecoder(Component(row["config"], "golden")));
    const auto parts = decoder->Decode(row["input"].get<std::vector<std::string>>());
    EXPECT_EQ(absl::StrJoin(parts, ""), row["output"].get<std::string>());
  }
}

TEST(GoldenTest, Tokenizers) {
  for (const Json& row : Golden("tokenizers.jsonl")) {
    SCOPED_TRACE(row.dump());
    ASSERT_OK_AND_ASSIGN(const auto tokenizer, Tokenizer::FromJson(row["tokenizer"].dump(), "golden"));
    for (const Json& sample : row["cases"]) {
      SCOPED_TRACE(sample.dump());
      const auto text = sample["text"].get<std::string>();
      ASSERT_OK_AND_ASSIGN(const Ids ids, tokenizer->Encode(text));
      EXPECT_EQ(ids, sample["ids"].get<Ids>());
      ASSERT_OK_AND_ASSIGN(const Ids plain, tokenizer->Encode(text, /*add_special_tokens=*/false));
      EXPECT_EQ(plain, sample["ids_no_special"].get<Ids>());
      EXPECT_EQ(tokenizer->Decode(ids), sample["decoded"].get<std::string>());
      EXPECT_EQ(tokenizer->Decode(ids, /*skip_special_tokens=*/true),
                sample["decoded_no_special"].get<std::string>());
    }
  }
}

TEST(GoldenTest, TheDemosTokenizer) {
  ASSERT_OK_AND_ASSIGN(const auto tokenizer,
                       Tokenizer::Open(testing::SourceDir() + "/deploy/demo/checkpoints/step0"));
  EXPECT_EQ(tokenizer->vocab_size(), 1024);
  for (const Json& row : Golden("demo.jsonl")) {
    SCOPED_TRACE(row.dump());
    ASSERT_OK_AND_ASSIGN(const Ids ids, tokenizer->Encode(row["text"].get<std::string>()));
    EXPECT_EQ(ids, row["ids"].get<Ids>());
    EXPECT_EQ(tokenizer->Decode(ids), row["decoded"].get<std::string>());
    EXPECT_EQ(tokenizer->Decode(ids, true), row["decoded_no_special"].get<std::string>());
  }
}

}  // namespace
}  // namespace probesweep::worker
