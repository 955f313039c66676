#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/golden/checkpoint_copy.h"
#include "tests/support/status_matchers.h"
#include "worker/inspect/commands.h"
#include "worker/inspect/score_lines.h"

namespace probesweep::worker {
namespace {

using ::testing::ElementsAre;

class ScoreTest : public ::testing::Test {
 protected:
  // A demo checkpoint, whose tokenizer merges across a cut that white space makes.
  ScoreOptions Options(const std::string& lines) const {
    ScoreOptions options;
    options.checkpoint = testing::SourceDir() + "/deploy/demo/checkpoints/step16000";
    options.prompts = folder_.File("requests.jsonl");
    options.threads = 2;
    EXPECT_OK(WriteFileAtomically(options.prompts, lines));
    return options;
  }

  static std::vector<std::string> Run(const ScoreOptions& options) {
    std::ostringstream output;
    EXPECT_OK(ScoreLines(options, output));
    return absl::StrSplit(output.str(), '\n', absl::SkipEmpty());
  }

  static absl::Status Fail(const ScoreOptions& options) {
    std::ostringstream output;
    const absl::Status status = ScoreLines(options, output);
    EXPECT_EQ(output.str(), "");
    return status;
  }

  const testing::TempDir folder_;
};

TEST_F(ScoreTest, ALineForEachRequest) {
  const auto text = ReadFile(testing::SourceDir() + "/tests/generation/demo.json");
  ASSERT_OK(text);
  const nlohmann::json golden = nlohmann::json::parse(*text)["scores"];
  std::string lines;
  for (const nlohmann::json& c : golden) {
    lines +=
        nlohmann::json{{"context_ids", c["context"]}, {"continuation_ids", c["continuation"]}}.dump() + "\n";
  }
  const std::vector<std::string> written = Run(Options(lines));
  ASSERT_EQ(written.size(), golden.size());
  for (size_t i = 0; i < written.size(); ++i) {
    const nlohmann::json line = nlohmann::json::parse(written[i]);
    double sum = 0;
    for (const nlohmann::json& one : golden[i]["log_probabilities"]) sum += one.get<double>();
    EXPECT_EQ(line.size(), 3u);
    EXPECT_NEAR(line["log_likelihood"].get<double>(), sum, 1e-4);
    EXPECT_EQ(line["tokens"].get<size_t>(), golden[i]["continuation"].size());
    EXPECT_EQ(line["greedy"], golden[i]["greedy"]);
  }
}

TEST_F(ScoreTest, KeepsTheOrderOfMoreRequestsThanAreScoredAtOnce) {
  const auto lines = [](int first, int last) {
    std::string text;
    for (int i = first; i < last; ++i) {
      absl::StrAppend(&text, "{\"context_ids\": [", 1 + i / 100, "], \"continuation_ids\": [", i % 100,
                      "]}\n");
    }
    return text;
  };
  const std::vector<std::string> all = Run(Options(lines(0, 1100)));
  ASSERT_EQ(all.size(), 1100u);
  const std::vector<std::string> last = Run(Options(lines(1024, 1100)));
  EXPECT_EQ(std::vector<std::string>(all.begin() + 1024, all.end()), last);
}

// A first token has a probability behind a token that the model puts before every text.
TEST_F(ScoreTest, AddsTheModelsOwnTokensUnlessToldNotTo) {
  const testing::CheckpointCopy checkpoint;
  auto tokenizer = nlohmann::json::parse(*ReadFile(checkpoint.File("tokenizer.json")));
  tokenizer["post_processor"] = nlohmann::json::parse(R"({
    "type": "TemplateProcessing",
    "single": [{"SpecialToken": {"id": "<unk>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
    "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
    "special_tokens": {"<unk>": {"id": "<unk>", "ids": [0], "tokens": ["<unk>"]}}})");
  checkpoint.Write("tokenizer.json", tokenizer.dump());
  ScoreOptions options = Options(R"({"context": "", "continuation": "ab"})");
  options.checkpoint = checkpoint.path();
  const std::vector<std::string> scored = Run(options);
  ASSERT_EQ(scored.size(), 1u);
  EXPECT_EQ(nlohmann::json::parse(scored[0])["tokens"], 2);
  options.add_special_tokens = false;
  EXPECT_STATUS(Fail(options), kInvalidArgument, "requests.jsonl:1", "bos");
}

TEST_F(ScoreTest, FailsWhenTheScoresCannotBeWritten) {
  std::ostringstream full;
  full.setstate(std::ios::badbit);
  EXPECT_STATUS(ScoreLines(Options("{\"context_ids\": [1], \"continuation_ids\": [2]}\n"), full), kUnknown,
                "cannot write the scores");
}

TEST_F(ScoreTest, WhiteSpaceAtTheContextsEndIsTheContinuations) {
  const auto lines = Run(Options(R"({"context": "Once upon a time ", "continuation": "there was"}
{"context": "Once upon a time", "continuation": " there was"}
)"));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], lines[1]);
}

TEST_F(ScoreTest, ATextIsEncodedInOnePiece) {
  ASSERT_OK_AND_ASSIGN(const auto tokenizer,
                       Tokenizer::Open(testing::SourceDir() + "/deploy/demo/checkpoints/step16000"));
  ASSERT_OK_AND_ASSIGN(const auto whole, tokenizer->Encode("The king said"));
  ASSERT_OK_AND_ASSIGN(const auto context, tokenizer->Encode("The ki"));
  ASSERT_OK_AND_ASSIGN(const ScoreRequest request, EncodeScoreRequest(*tokenizer, "The ki", "ng said", true));
  EXPECT_EQ(request.context, context);
  EXPECT_EQ(request.continuation,
            std::vector<int64_t>(whole.begin() + static_cast<int64_t>(context.size()), whole.end()));
}

TEST_F(ScoreTest, AnErrorNamesItsLine) {
  const char* good = "{\"context_ids\": [1], \"continuation_ids\": [2]}\n";
  const auto with = [good](const char* line) { return absl::StrCat(good, "\n", line, "\n"); };
  EXPECT_STATUS(Fail(Options(with(R"({"context": "", "continuation": "x"})"))), kInvalidArgument,
                "requests.jsonl:3", "bos");
  EXPECT_STATUS(Fail(Options(with(R"({"context": "x", "continuation": ""})"))), kInvalidArgument,
                "requests.jsonl:3", "continuation has no tokens");
  EXPECT_STATUS(Fail(Options(with(R"({"context": "x"})"))), kInvalidArgument, "requests.jsonl:3",
                "continuation");
  EXPECT_STATUS(Fail(Options(with(R"({"context_ids": [1], "continuation_ids": "x"})"))), kInvalidArgument,
                "requests.jsonl:3", "`continuation_ids`");
  EXPECT_STATUS(Fail(Options(with(R"({"context_ids": [1], "continuation_ids": [70000]})"))), kInvalidArgument,
                "requests.jsonl:3", "70000");
  EXPECT_STATUS(Fail(Options("")), kInvalidArgument, "holds no request");
  ScoreOptions options = Options(good);
  options.prompts += "x";
  EXPECT_STATUS(Fail(options), kNotFound, "--prompts");
}

}  // namespace
}  // namespace probesweep::worker
