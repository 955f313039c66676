#include "worker/inspect/generation_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class GenerationConfigTest : public ::testing::Test {
 protected:
  void Write(const std::string& file, const std::string& text) const {
    EXPECT_OK(WriteFileAtomically(folder_.File(file), text));
  }
  absl::StatusOr<GenerationConfig> Read() const { return ReadGenerationConfig(folder_.path()); }
  std::vector<int64_t> StopIds() const {
    const auto config = Read();
    EXPECT_OK(config);
    return config.ok() ? config->stop_ids : std::vector<int64_t>{-1};
  }

  const testing::TempDir folder_;
};

// As transformers 5.24 answers for these folders.
TEST_F(GenerationConfigTest, StopIdsAreThoseThatTransformersFinds) {
  Write("config.json", R"({"model_type": "llama", "eos_token_id": 7})");
  EXPECT_THAT(StopIds(), ElementsAre(7));
  Write("config.json", R"({"model_type": "llama", "eos_token_id": [7, 8]})");
  EXPECT_THAT(StopIds(), ElementsAre(7, 8));
  Write("config.json", R"({"model_type": "llama", "eos_token_id": null})");
  EXPECT_THAT(StopIds(), IsEmpty());
  Write("config.json", R"({"model_type": "llama"})");
  EXPECT_THAT(StopIds(), IsEmpty()) << "the 2 of LlamaConfig is not asked";
  Write("generation_config.json", R"({"eos_token_id": 5})");
  Write("config.json", R"({"model_type": "llama", "eos_token_id": 7})");
  EXPECT_THAT(StopIds(), ElementsAre(5));
  Write("generation_config.json", R"({"eos_token_id": [128001, 128009]})");
  EXPECT_THAT(StopIds(), ElementsAre(128001, 128009));
  Write("generation_config.json", "{}");
  EXPECT_THAT(StopIds(), IsEmpty()) << "config.json does not count where there is this file";
}

TEST_F(GenerationConfigTest, NamesWhatIsNotApplied) {
  struct Case {
    const char* json;
    std::vector<std::string> names;
  };
  const Case cases[] = {
      {R"({"eos_token_id": 5, "use_cache": true, "max_length": 20, "_from_model_config": true})", {}},
      {R"({"do_sample": false, "temperature": 0.6, "top_p": 0.9, "repetition_penalty": 1.0})", {}},
      {R"({"do_sample": true, "temperature": 0.6, "top_p": 0.9, "top_k": null})",
       {"do_sample", "temperature", "top_p"}},
      {R"({"do_sample": true, "temperature": 1.0, "top_p": 1})", {"do_sample"}},
      {R"({"repetition_penalty": 1.05, "suppress_tokens": [3], "begin_suppress_tokens": []})",
       {"repetition_penalty", "suppress_tokens"}},
      {R"({"min_new_tokens": 4, "bad_words_ids": [[1]], "num_beams": 4})",
       {"num_beams", "min_new_tokens", "bad_words_ids"}},
  };
  Write("config.json", R"({"model_type": "llama"})");
  for (const Case& c : cases) {
    SCOPED_TRACE(c.json);
    Write("generation_config.json", c.json);
    ASSERT_OK_AND_ASSIGN(const GenerationConfig config, Read());
    EXPECT_EQ(config.not_applied, c.names);
    EXPECT_EQ(config.path, folder_.File("generation_config.json"));
  }
}

TEST_F(GenerationConfigTest, WithoutItsFileTheModelsCounts) {
  Write("config.json",
        R"({"model_type": "gpt2", "eos_token_id": 3, "repetition_penalty": 1.3, "top_k": 50})");
  ASSERT_OK_AND_ASSIGN(const GenerationConfig config, Read());
  EXPECT_THAT(config.stop_ids, ElementsAre(3));
  EXPECT_THAT(config.not_applied, ElementsAre("repetition_penalty"));
  EXPECT_EQ(config.path, folder_.File("config.json"));
}

TEST_F(GenerationConfigTest, NamesFileAndFieldOfWhatIsWrong) {
  Write("config.json", R"({"model_type": "llama", "eos_token_id": "</s>"})");
  EXPECT_STATUS(Read(), kInvalidArgument, "/config.json", "eos_token_id");
  Write("generation_config.json", R"({"eos_token_id": [1.5]})");
  EXPECT_STATUS(Read(), kInvalidArgument, "/generation_config.json", "eos_token_id");
  Write("generation_config.json", "{");
  EXPECT_STATUS(Read(), kInvalidArgument, "/generation_config.json", "not a JSON object");
  Write("generation_config.json", std::string(1'000'000, '['));
  EXPECT_STATUS(Read(), kInvalidArgument, "/generation_config.json", "deep")
      << "before memory is taken for it";
}

}  // namespace
}  // namespace probesweep::worker
