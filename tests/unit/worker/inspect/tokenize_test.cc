#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

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
    return Tokenize({checkpoint_.path(), add_special_tokens}, input, output_);
  }

  const testing::CheckpointCopy checkpoint_;
  std::ostringstream output_;
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
  EXPECT_STATUS(Tokenize({checkpoint_.path(), true}, input, output_), kNotFound, checkpoint_.path(),
                "tokenizer.json");
}

}  // namespace
}  // namespace probesweep::worker
