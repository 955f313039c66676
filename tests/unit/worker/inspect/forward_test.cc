#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/golden/checkpoint_copy.h"
#include "tests/golden/tensor_file.h"
#include "tests/support/status_matchers.h"
#include "worker/inspect/commands.h"

namespace probesweep::worker {
namespace {

using ::testing::ElementsAre;

// The largest difference, relative to the root mean square of `expected`.
double RelativeError(const std::vector<float>& actual, const std::vector<float>& expected) {
  EXPECT_EQ(actual.size(), expected.size());
  if (actual.size() != expected.size() || expected.empty()) return 1;
  double squares = 0, worst = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    squares += static_cast<double>(expected[i]) * expected[i];
    worst = std::max(worst, std::abs(static_cast<double>(actual[i]) - expected[i]));
    if (std::isnan(actual[i])) return 1;
  }
  return worst / std::sqrt(squares / static_cast<double>(expected.size()));
}

class ForwardTest : public ::testing::Test {
 protected:
  // Options that run the lines over a checkpoint.
  ForwardOptions Options(const testing::CheckpointCopy& checkpoint, const std::string& lines) {
    ForwardOptions options;
    options.checkpoint = checkpoint.path();
    options.prompts = folder_.File("prompts.jsonl");
    options.out = folder_.File("out.safetensors");
    options.threads = 2;
    EXPECT_OK(WriteFileAtomically(options.prompts, lines));
    return options;
  }

  // Files in the test's folder.
  std::set<std::string> Files() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      names.insert(entry.path().filename().string());
    }
    return names;
  }

  const testing::TempDir folder_;
};

TEST_F(ForwardTest, GivesWhatTransformersGives) {
  for (const char* model : {"gpt_neox", "gpt_neox_sequential"}) {
    for (const char* config : {"config.json", "config.v5.json"}) {
      SCOPED_TRACE(absl::StrCat(model, ", ", config));
      const testing::CheckpointCopy checkpoint(model, config);
      const testing::TensorFile expected(testing::GoldenFolder(model) + "/expected.safetensors");
      std::string lines;
      for (int i = 0; i < 6; ++i) {
        const auto ids = expected.Integers(absl::StrCat("prompt_", i, ".input_ids"));
        absl::StrAppend(&lines, "{\"ids\": [", absl::StrJoin(ids, ", "), "]}\n");
      }
      ForwardOptions options = Options(checkpoint, lines);
      options.logits = true;
      ASSERT_OK(Forward(options));
      const testing::TensorFile written(options.out);
      EXPECT_EQ(written.header().tensors.size(), 18u);
      for (int i = 0; i < 6; ++i) {
        const std::string name = absl::StrCat("prompt_", i);
        SCOPED_TRACE(name);
        EXPECT_EQ(written.Integers(name + ".input_ids"), expected.Integers(name + ".input_ids"));
        for (const std::string part : {".block_outputs", ".logits"}) {
          EXPECT_EQ(written.Shape(name + part), expected.Shape(name + part));
          EXPECT_LT(RelativeError(written.Floats(name + part), expected.Floats(name + part)), 1e-5) << part;
        }
      }
    }
  }
}

TEST_F(ForwardTest, TextIsWhatItsIdsAre) {
  const testing::CheckpointCopy checkpoint;
  const ForwardOptions options = Options(checkpoint, "{\"text\": \"abc\"}\n{\"ids\": [66, 67, 68]}\n");
  ASSERT_OK(Forward(options));
  const testing::TensorFile written(options.out);
  EXPECT_THAT(written.Integers("prompt_0.input_ids"), ElementsAre(66, 67, 68));
  EXPECT_EQ(written.Floats("prompt_0.block_outputs"), written.Floats("prompt_1.block_outputs"));
  EXPECT_THAT(written.Shape("prompt_0.block_outputs"), ElementsAre(3, 3, 32));
  EXPECT_FALSE(written.Has("prompt_0.logits")) << "not asked for";
}

TEST_F(ForwardTest, IdsNeedNoTokenizer) {
  const testing::CheckpointCopy checkpoint;
  checkpoint.Remove("tokenizer.json");
  EXPECT_OK(Forward(Options(checkpoint, "{\"ids\": [1]}\n")));
  EXPECT_STATUS(Forward(Options(checkpoint, "{\"text\": \"a\"}\n")), kNotFound, "tokenizer.json");
}

TEST_F(ForwardTest, AnErrorNamesItsCauseAndLeavesNoFile) {
  const testing::CheckpointCopy checkpoint, truncated, damaged;
  truncated.Truncate("model.safetensors", 1);
  damaged.SetWeight("gpt_neox.layers.1.attention.dense.weight", 0, std::nanf(""));
  struct Case {
    const testing::CheckpointCopy& checkpoint;
    const char* lines;
    absl::StatusCode code;
    const char* says;
  };
  const Case cases[] = {
      {checkpoint, "{\"ids\": [1]}\n{\"ids\": []}\n", absl::StatusCode::kInvalidArgument, "prompts.jsonl:2"},
      {checkpoint, "{\"text\": \"\"}\n", absl::StatusCode::kInvalidArgument,
       "prompts.jsonl:1: the text has no tokens"},
      {checkpoint, "\n", absl::StatusCode::kInvalidArgument, "holds no prompt"},
      {checkpoint, "{\"ids\": [96]}\n", absl::StatusCode::kInvalidArgument, "id 96"},
      {truncated, "{\"ids\": [1]}\n", absl::StatusCode::kDataLoss, "model.safetensors"},
      {damaged, "{\"ids\": [1]}\n", absl::StatusCode::kDataLoss, "gpt_neox.layers.1.attention.dense.weight"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.says);
    EXPECT_TRUE(testing::StatusIs(Forward(Options(c.checkpoint, c.lines)), c.code, {c.says}));
    EXPECT_EQ(Files(), std::set<std::string>({"prompts.jsonl"}));
  }
}

TEST_F(ForwardTest, NamesAPathThatIsNotThere) {
  const testing::CheckpointCopy checkpoint;
  ForwardOptions options = Options(checkpoint, "{\"ids\": [1]}\n");
  options.prompts = folder_.File("absent.jsonl");
  EXPECT_STATUS(Forward(options), kNotFound, "absent.jsonl", "--prompts");
  options = Options(checkpoint, "{\"ids\": [1]}\n");
  options.out = folder_.File("absent/out.safetensors");
  EXPECT_STATUS(Forward(options), kNotFound, "absent/out.safetensors");
  options = Options(checkpoint, "{\"ids\": [1]}\n");
  options.checkpoint = folder_.File("step9");
  EXPECT_STATUS(Forward(options), kNotFound, "step9");
  EXPECT_EQ(Files(), std::set<std::string>({"prompts.jsonl"}));
}

TEST_F(ForwardTest, AnErrorKeepsTheFileThatIsThere) {
  const testing::CheckpointCopy checkpoint;
  ASSERT_OK(Forward(Options(checkpoint, "{\"ids\": [1]}\n")));
  EXPECT_FALSE(Forward(Options(checkpoint, "{\"ids\": [960]}\n")).ok());
  EXPECT_TRUE(testing::TensorFile(folder_.File("out.safetensors")).Has("prompt_0.block_outputs"));
}

}  // namespace
}  // namespace probesweep::worker
