#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/safetensors.h"
#include "tests/golden/checkpoint_copy.h"
#include "tests/golden/tensor_file.h"
#include "tests/support/status_matchers.h"
#include "worker/inspect/commands.h"

namespace probesweep::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;
using Ids = std::vector<int64_t>;

class GenerateTest : public ::testing::Test {
 protected:
  // Options that continue the lines by 12 tokens.
  GenerateOptions Options(const testing::CheckpointCopy& checkpoint, const std::string& lines) const {
    GenerateOptions options;
    options.checkpoint = checkpoint.path();
    options.prompts = folder_.File("prompts.jsonl");
    options.max_new_tokens = 12;
    options.threads = 2;
    EXPECT_OK(WriteFileAtomically(options.prompts, lines));
    return options;
  }

  // The lines that are written.
  static std::vector<nlohmann::json> Run(const GenerateOptions& options) {
    std::ostringstream output;
    EXPECT_OK(Generate(options, output));
    std::vector<nlohmann::json> lines;
    for (const absl::string_view line : absl::StrSplit(output.str(), '\n', absl::SkipEmpty())) {
      lines.push_back(nlohmann::json::parse(line.begin(), line.end()));
    }
    return lines;
  }

  static absl::Status Fail(const GenerateOptions& options) {
    std::ostringstream output;
    const absl::Status status = Generate(options, output);
    EXPECT_EQ(output.str(), "") << "refused before it begins";
    return status;
  }

  const testing::TempDir folder_;
};

std::string IdsLine(const Ids& ids) { return absl::StrCat("{\"ids\": [", absl::StrJoin(ids, ", "), "]}\n"); }

TEST_F(GenerateTest, GivesPromptAndContinuationOfTransformers) {
  const testing::CheckpointCopy checkpoint("llama");
  const std::string file = testing::GoldenFolder("llama") + "/expected.safetensors";
  const testing::TensorFile expected(file);
  GenerateOptions options = Options(checkpoint, IdsLine(expected.Integers("prompt_3.input_ids")));
  auto lines = Run(options);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0]["ids"].get<Ids>(), expected.Integers("greedy.plain"));
  options.steer = {{file}, {"steering.vector"}, {1}, {3.0}, {"last"}};
  lines = Run(options);
  EXPECT_EQ(lines[0]["ids"].get<Ids>(), expected.Integers("greedy.steered"));
}

TEST_F(GenerateTest, ALineForEachPromptWithWhatItsIdsStandFor) {
  const testing::CheckpointCopy checkpoint;
  GenerateOptions options = Options(checkpoint, "{\"text\": \"a\\\"b\"}\n\n{\"ids\": [40]}\n");
  options.max_new_tokens = 2;
  const auto lines = Run(options);
  ASSERT_EQ(lines.size(), 2u);
  for (const nlohmann::json& line : lines) {
    const std::string text = line["text"];
    const Ids ids = line["ids"];
    EXPECT_EQ(line.size(), 2u);
    // A token for each printable ASCII character; this tokenizer puts spaces between them.
    std::vector<std::string> characters;
    for (const int64_t id : ids) characters.emplace_back(1, static_cast<char>(id + 31));
    EXPECT_EQ(text, absl::StrJoin(characters, " "));
  }
  EXPECT_EQ(lines[0]["ids"].size(), 5u);
  EXPECT_EQ(lines[0]["ids"][1], 3) << "the quote";
  EXPECT_EQ(lines[1]["ids"].size(), 3u);
}

TEST_F(GenerateTest, IdsNeedNoTokenizer) {
  const testing::CheckpointCopy checkpoint;
  checkpoint.Remove("tokenizer.json");
  const auto lines = Run(Options(checkpoint, "{\"ids\": [1]}\n"));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].size(), 1u) << "no text";
  EXPECT_STATUS(Fail(Options(checkpoint, "{\"text\": \"a\"}\n")), kNotFound, "tokenizer.json");
  checkpoint.Write("tokenizer.json", "{}");
  EXPECT_EQ(Run(Options(checkpoint, "{\"ids\": [1]}\n"))[0].size(), 1u)
      << "one that is not understood, likewise";
}

TEST_F(GenerateTest, StopsBehindTheEosOfTheCheckpoint) {
  const testing::CheckpointCopy checkpoint("llama");
  const testing::TensorFile expected(testing::GoldenFolder("llama") + "/expected.safetensors");
  const Ids plain = expected.Integers("greedy.plain");  // … 8 6 95 16 95 49 49 …
  GenerateOptions options = Options(checkpoint, IdsLine(expected.Integers("prompt_3.input_ids")));
  checkpoint.Write("generation_config.json", R"({"eos_token_id": [16, 95]})");
  const Ids stopped = Run(options)[0]["ids"];
  EXPECT_EQ(stopped, Ids(plain.begin(), plain.begin() + 15));
  EXPECT_EQ(stopped.back(), 95);
  options.ignore_eos = true;
  EXPECT_EQ(Run(options)[0]["ids"].get<Ids>(), plain);
}

TEST_F(GenerateTest, AnyFlagOfSamplingTurnsItOn) {
  const testing::CheckpointCopy checkpoint("llama");
  GenerateOptions options = Options(checkpoint, "{\"ids\": [1, 2]}\n{\"ids\": [1, 2]}\n");
  const Ids greedy = Run(options)[0]["ids"];
  options.seed = 3;
  EXPECT_EQ(Run(options)[1]["ids"].get<Ids>(), greedy) << "a seed alone does not";
  options.top_k = 1;
  EXPECT_EQ(Run(options)[0]["ids"].get<Ids>(), greedy);
  options.top_k = 50;
  const auto sampled = Run(options);
  EXPECT_NE(sampled[0]["ids"].get<Ids>(), greedy);
  EXPECT_NE(sampled[0], sampled[1]) << "each prompt has draws of its own";
  EXPECT_EQ(Run(options), sampled);
  options.seed = 4;
  EXPECT_NE(Run(options), sampled);
  options.top_k.reset();
  options.temperature = 5;
  EXPECT_NE(Run(options)[0]["ids"].get<Ids>(), greedy);
  options.temperature = 0;
  EXPECT_EQ(Run(options)[0]["ids"].get<Ids>(), greedy);
}

TEST_F(GenerateTest, AFlagOfSteeringGivenOnceHoldsForAll) {
  const testing::CheckpointCopy checkpoint("llama");
  const std::string file = testing::GoldenFolder("llama") + "/expected.safetensors";
  GenerateOptions options = Options(checkpoint, "{\"ids\": [1, 2, 3]}\n");
  options.steer = {{file}, {"steering.vector"}, {0, 1}, {2, -1}, {}};
  const auto once = Run(options);
  options.steer = {{file, file}, {"steering.vector", "steering.vector"}, {0, 1}, {2, -1}, {"last", "last"}};
  EXPECT_EQ(Run(options), once);
  options.steer.alphas = {2, 2};
  EXPECT_NE(Run(options), once) << "a value for each";
  options.steer.alphas = {2, -1};
  options.steer.positions = {"all", "all"};
  EXPECT_NE(Run(options), once);
  options.steer.layers = {0};
  options.steer.alphas = {1};
  options.steer.positions = {};
  const auto twice = Run(options);  // 1 and 1 at the same layer
  options.steer = {{file}, {"steering.vector"}, {0}, {2}, {}};
  EXPECT_EQ(Run(options), twice);
}

TEST_F(GenerateTest, NamesWhatIsWrongWithSteering) {
  const testing::CheckpointCopy checkpoint("llama");
  const std::string file = testing::GoldenFolder("llama") + "/expected.safetensors";
  const std::string other = testing::GoldenFolder("llama_linear") + "/expected.safetensors";  // 24 wide
  GenerateOptions options = Options(checkpoint, "{\"ids\": [1]}\n");
  const auto fail = [&](const SteerFlags& flags) {
    options.steer = flags;
    return Fail(options);
  };
  EXPECT_STATUS(fail({{file}, {"steering.vectors"}, {1}, {}, {}}), kInvalidArgument, file,
                "'steering.vector'?");
  EXPECT_STATUS(fail({{other}, {"steering.vector"}, {1}, {}, {}}), kInvalidArgument, other, "24", "32",
                checkpoint.path());
  EXPECT_STATUS(fail({{file}, {"steering.vector"}, {9}, {}, {}}), kInvalidArgument, "no layer 9", file);
  EXPECT_STATUS(fail({{file}, {"steering.vector"}, {1}, {}, {"first"}}), kInvalidArgument,
                "--steer-positions", "'first'");
  EXPECT_STATUS(fail({{file}, {"steering.vector"}, {}, {}, {}}), kInvalidArgument, "--steer-layer",
                "0 times");
  EXPECT_STATUS(fail({{}, {"steering.vector"}, {1}, {2}, {}}), kInvalidArgument, "--steer ", "0 times");
  EXPECT_STATUS(fail({{file}, {"steering.vector"}, {0, 1, 1}, {1, 2}, {}}), kInvalidArgument, "--alpha",
                "2 times for 3");
  EXPECT_STATUS(fail({{file}, {"steering.vector"}, {0, 1, 1}, {}, {"last", "all"}}), kInvalidArgument,
                "--steer-positions", "2 times for 3");
  EXPECT_STATUS(fail({{file}, {"steering.vector", "steering.vector"}, {0, 1, 1}, {}, {}}), kInvalidArgument,
                "--steer-key", "2 times for 3");
  EXPECT_STATUS(fail({{"absent.safetensors"}, {"a"}, {0}, {}, {}}), kNotFound, "absent.safetensors");
}

TEST_F(GenerateTest, FailsWhenTheTextsCannotBeWritten) {
  const testing::CheckpointCopy checkpoint;
  std::ostringstream full;
  full.setstate(std::ios::badbit);
  EXPECT_STATUS(Generate(Options(checkpoint, "{\"ids\": [1]}\n"), full), kUnknown, "cannot write the texts");
}

TEST_F(GenerateTest, AnErrorNamesItsLine) {
  const testing::CheckpointCopy checkpoint, learned("opt_bare");
  EXPECT_STATUS(Fail(Options(checkpoint, "{\"ids\": [1]}\n{\"ids\": []}\n")), kInvalidArgument,
                "prompts.jsonl:2");
  EXPECT_STATUS(Fail(Options(checkpoint, "\n{\"ids\": [96]}\n")), kInvalidArgument, "prompts.jsonl:2",
                "id 96");
  EXPECT_STATUS(Fail(Options(checkpoint, "")), kInvalidArgument, "holds no prompt");
  EXPECT_STATUS(Fail(Options(learned, IdsLine(Ids(30, 1)))), kInvalidArgument, "prompts.jsonl:1",
                "30 tokens and 12 new ones need 41 positions", "learned 32");
  checkpoint.Write("generation_config.json", "[");
  EXPECT_STATUS(Fail(Options(checkpoint, "{\"ids\": [1]}\n")), kInvalidArgument, "generation_config.json");
}

}  // namespace
}  // namespace probesweep::worker
