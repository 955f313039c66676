// Whole folders against what transformers makes of them: golden/make_folders.py.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"
#include "tests/unit/worker/text/json_lines.h"
#include "worker/text/tokenizer.h"

namespace probesweep::worker {
namespace {

using Json = nlohmann::json;

void WriteFiles(const Json& files, const testing::TempDir& folder) {
  for (const auto& [name, content] : files.items()) {
    std::string bytes = content.get<std::string>();
    if (name == "tokenizer.model") {
      const std::string text = bytes;
      ASSERT_TRUE(absl::Base64Unescape(text, &bytes));
    }
    ASSERT_OK(WriteFileAtomically(folder.File(name), bytes));
  }
}

std::vector<Json> Folders() {
  return ReadJsonLines(testing::SourceDir() + "/tests/unit/worker/text/golden/folders.jsonl");
}

Json FilesOf(const std::string& name) {
  for (const Json& row : Folders()) {
    if (row["name"] == name) return row["files"];
  }
  ADD_FAILURE() << name;
  return {};
}

absl::StatusOr<std::unique_ptr<Tokenizer>> OpenFiles(const Json& files) {
  const testing::TempDir folder;
  WriteFiles(files, folder);
  return Tokenizer::Open(folder.path());
}

TEST(FoldersTest, GiveWhatTransformersGives) {
  for (const Json& row : Folders()) {
    SCOPED_TRACE(row["name"].get<std::string>());
    ASSERT_OK_AND_ASSIGN(const auto tokenizer, OpenFiles(row["files"]));
    for (const Json& sample : row["cases"]) {
      SCOPED_TRACE(sample.dump());
      const auto text = sample["text"].get<std::string>();
      ASSERT_OK_AND_ASSIGN(const TokenIds ids, tokenizer->Encode(text));
      EXPECT_EQ(ids, sample["ids"].get<TokenIds>());
      ASSERT_OK_AND_ASSIGN(const TokenIds plain, tokenizer->Encode(text, /*add_special_tokens=*/false));
      EXPECT_EQ(plain, sample["ids_no_special"].get<TokenIds>());
      EXPECT_EQ(tokenizer->Decode(ids), sample["decoded"].get<std::string>());
    }
  }
}

TEST(FoldersTest, TokenizerJsonGoesBeforeTheOthers) {
  Json files = FilesOf("tokenizer.json with add_prefix_space");
  files["tokenizer.model"] = "nonsense";
  files["vocab.json"] = "nonsense";
  EXPECT_OK(OpenFiles(files));
  files.erase("tokenizer.json");
  EXPECT_STATUS(OpenFiles(files), kInvalidArgument, "tokenizer.model is not a SentencePiece model");
  files.erase("tokenizer.model");
  files["merges.txt"] = "";
  EXPECT_STATUS(OpenFiles(files), kInvalidArgument, "vocab.json is not JSON");
}

TEST(FoldersTest, TokenizerModelAloneIsALlamaTokenizer) {
  Json files = FilesOf("tokenizer.model");
  files.erase("tokenizer_config.json");
  ASSERT_OK_AND_ASSIGN(const auto tokenizer, OpenFiles(files));
  const int64_t the = 262, space_mark = 268;
  EXPECT_EQ(tokenizer->Encode("the").value(), (TokenIds{1, the}));
  EXPECT_EQ(tokenizer->Encode(" the").value(), (TokenIds{1, space_mark, the})) << "as SentencePiece has it";
  EXPECT_EQ(tokenizer->Encode("</s>the").value(), (TokenIds{1, 2, the})) << "a space behind each token";
}

TEST(FoldersTest, NotLegacyPutsASpaceBeforeTheWholeTextOnly) {
  Json files = FilesOf("tokenizer.model");
  files["tokenizer_config.json"] = R"({"legacy": false, "add_bos_token": false})";
  ASSERT_OK_AND_ASSIGN(const auto tokenizer, OpenFiles(files));
  const int64_t the = 262, t = 288, he = 261;
  EXPECT_EQ(tokenizer->Encode("the").value(), (TokenIds{the}));
  EXPECT_EQ(tokenizer->Encode(" the").value(), (TokenIds{the}));
  EXPECT_EQ(tokenizer->Encode("</s>the").value(), (TokenIds{2, t, he}));
}

TEST(FoldersTest, NamesWhatIsNotImplemented) {
  Json files = FilesOf("tokenizer.model");
  files["tokenizer_config.json"] = R"({"tokenizer_class": "GemmaTokenizer"})";
  EXPECT_STATUS(OpenFiles(files), kUnimplemented, "tokenizer.model", "GemmaTokenizer", "save_pretrained");
  files["tokenizer_config.json"] = R"({"split_special_tokens": true})";
  EXPECT_STATUS(OpenFiles(files), kUnimplemented, "tokenizer_config.json", "split_special_tokens");
  files = FilesOf("OPT");
  files["tokenizer_config.json"] = R"({"tokenizer_class": "RobertaTokenizer"})";
  EXPECT_STATUS(OpenFiles(files), kUnimplemented, "tokenizer_config.json", "RobertaTokenizer",
                "GPT2Tokenizer");
  files.erase("tokenizer_config.json");
  EXPECT_STATUS(OpenFiles(files), kUnimplemented, "no tokenizer_class");
}

TEST(FoldersTest, NamesTheFileAndFieldThatAreWrong) {
  Json files = FilesOf("tokenizer.json with add_prefix_space");
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"[]", "JSON object"},
      {R"({"bos_token": 5})", "bos_token"},
      {R"({"add_prefix_space": "yes"})", "add_prefix_space"},
      {R"({"added_tokens_decoder": []})", "added_tokens_decoder"},
      {R"({"added_tokens_decoder": {"x": {"content": "a"}}})", "\"x\""},
      {R"({"added_tokens_decoder": {"1": {}}})", "content"},
      {R"({"additional_special_tokens": [7]})", "additional_special_tokens[0]"}};
  for (const auto& [config, field] : cases) {
    files["tokenizer_config.json"] = config;
    EXPECT_STATUS(OpenFiles(files), kInvalidArgument, "/tokenizer_config.json", field);
  }
}

TEST(FoldersTest, VocabularyFilesThatAreWrongAreRefused) {
  Json files = FilesOf("OPT");
  files["merges.txt"] = "#version: 0.2\nt h\na b c\n";
  EXPECT_STATUS(OpenFiles(files), kInvalidArgument, "merges.txt", "two tokens");
  files.erase("merges.txt");
  EXPECT_STATUS(OpenFiles(files), kNotFound, "merges.txt");
  files = FilesOf("OPT");
  files["vocab.json"] = R"({"a": 0})";
  files["merges.txt"] = "";
  EXPECT_FALSE(OpenFiles(files).ok());
  files["vocab.json"] = "[1]";
  EXPECT_STATUS(OpenFiles(files), kInvalidArgument, "vocab.json");
}

TEST(FoldersTest, SharedTokenizerModelEqualsItsTokenizerJson) {
  if (testing::SharedData().empty()) GTEST_SKIP() << "shared/data is not here";
  const std::string shared = testing::SharedData() + "/tokenizers/llama2";
  const testing::TempDir folder;
  for (const char* name : {"/tokenizer.model", "/tokenizer_config.json"}) {
    ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(shared + name));
    ASSERT_OK(WriteFileAtomically(folder.path() + name, bytes));
  }
  ASSERT_OK_AND_ASSIGN(const auto tokenizer, Tokenizer::Open(folder.path()));
  for (const Json& line : ReadJsonLines(shared + "/expected.jsonl")) {
    SCOPED_TRACE(line.dump());
    ASSERT_OK_AND_ASSIGN(const TokenIds ids, tokenizer->Encode(line["text"].get<std::string>()));
    ASSERT_EQ(ids, line["ids"].get<TokenIds>());
    ASSERT_EQ(tokenizer->Decode(line["ids_no_special"].get<TokenIds>()), line["decoded"].get<std::string>());
  }
}

}  // namespace
}  // namespace probesweep::worker
