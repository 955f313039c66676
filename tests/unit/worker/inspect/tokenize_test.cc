#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/golden/checkpoint_copy.h"
#include "tests/support/status_matchers.h"
#include "worker/inspect/commands.h"

namespace probesweep::worker {
namespace {

class TokenizeTest : public ::testing::Test {
 protected:
  absl::Status Run(const std::string& lines, bool add_special_tokens = true) {
    std::istringstream input(lines);
    output_.str("");
    TokenizeOptions options;
    options.checkpoint = checkpoint_.path();
    options.add_special_tokens = add_special_tokens;
    options.decode = decode_;
    options.threads = threads_;
    return Tokenize(options, input, output_);
  }

  const testing::CheckpointCopy checkpoint_;
  std::ostringstream output_;
  bool decode_ = false;
  int threads_ = 2;
};

TEST_F(TokenizeTest, GivesOneLineForEachLine) {
  EXPECT_OK(Run("{\"text\": \"ab\"}\n{\"text\": \"\"}\n{\"text\": \" \\t\"}\n"));
  EXPECT_EQ(output_.str(), "{\"ids\":[66,67]}\n{\"ids\":[]}\n{\"ids\":[1,0]}\n");
}

TEST_F(TokenizeTest, AddsTheModelsOwnTokensUnlessToldNotTo) {
  auto tokenizer = nlohmann::json::parse(*ReadFile(checkpoint_.File("tokenizer.json")));
  tokenizer["post_processor"] = nlohmann::json::parse(R"({
    "type": "TemplateProcessing",
    "single": [{"SpecialToken": {"id": "<unk>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
    "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
    "special_tokens": {"<unk>": {"id": "<unk>", "ids": [0], "tokens": ["<unk>"]}}})");
  checkpoint_.Write("tokenizer.json", tokenizer.dump());
  EXPECT_OK(Run("{\"text\": \"a\"}\n"));
  EXPECT_EQ(output_.str(), "{\"ids\":[0,66]}\n");
  EXPECT_OK(Run("{\"text\": \"a\"}\n", /*add_special_tokens=*/false));
  EXPECT_EQ(output_.str(), "{\"ids\":[66]}\n");
}

TEST_F(TokenizeTest, NamesTheLineThatIsWrong) {
  EXPECT_STATUS(Run("{\"text\": \"a\"}\n{\"ids\": [1]}\n"), kInvalidArgument, "standard input:2", "`text`");
  EXPECT_EQ(output_.str(), "{\"ids\":[66]}\n") << "what came before is given";
  EXPECT_STATUS(Run("\n\nnonsense\n"), kInvalidArgument, "standard input:3");
}

TEST_F(TokenizeTest, NamesAFolderWithoutATokenizer) {
  std::istringstream input("");
  checkpoint_.Remove("tokenizer.json");
  TokenizeOptions options;
  options.checkpoint = checkpoint_.path();
  EXPECT_STATUS(Tokenize(options, input, output_), kNotFound, checkpoint_.path(), "tokenizer.json");
}

TEST_F(TokenizeTest, FailsWhenTheIdsCannotBeWritten) {
  output_.setstate(std::ios::badbit);
  EXPECT_STATUS(Run("{\"text\": \"a\"}\n"), kUnknown, "cannot write the ids");
}

TEST_F(TokenizeTest, GivesTheTextThatTheIdsStandFor) {
  decode_ = true;
  EXPECT_OK(Run("{\"text\": \"ab\"}\n"));
  EXPECT_EQ(output_.str(), "{\"ids\":[66,67],\"text\":\"a b\"}\n");
}

TEST_F(TokenizeTest, KeepsTheOrderOfMoreLinesThanItReadsAtOnce) {
  std::string lines, expected;
  for (int i = 0; i < 10'000; ++i) {
    const char letter = static_cast<char>('a' + i % 26);
    lines += std::string("{\"text\": \"") + letter + "\"}\n";
    expected += "{\"ids\":[" + std::to_string(letter - 31) + "]}\n";
  }
  for (const int threads : {0, 1, 3}) {
    threads_ = threads;
    EXPECT_OK(Run(lines));
    EXPECT_EQ(output_.str(), expected);
  }
}

TEST_F(TokenizeTest, GivesWhatStandsBeforeATextThatCannotBeEncoded) {
  auto tokenizer = nlohmann::json::parse(*ReadFile(checkpoint_.File("tokenizer.json")));
  tokenizer["model"]["unk_token"] = "no such token";
  checkpoint_.Write("tokenizer.json", tokenizer.dump());
  for (const size_t bad : {100, 4500}) {  // within a block, and within what is left
    std::string lines;
    for (size_t i = 0; i < 5000; ++i) lines += i == bad ? "{\"text\": \"\u00e9\"}\n" : "{\"text\": \"a\"}\n";
    EXPECT_STATUS(Run(lines), kFailedPrecondition, absl::StrCat("standard input:", bad + 1), "no such token");
    EXPECT_EQ(output_.str().size(), bad * std::string("{\"ids\":[66]}\n").size());
  }
}

}  // namespace
}  // namespace probesweep::worker
