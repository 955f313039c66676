#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "common/file.h"
#include "tests/golden/checkpoint_copy.h"
#include "tests/support/status_matchers.h"
#include "worker/inspect/checkpoint_report.h"
#include "worker/inspect/commands.h"

namespace probesweep::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string Text(const testing::CheckpointCopy& checkpoint, absl::Status* status = nullptr) {
  std::ostringstream output;
  InspectOptions options;
  options.checkpoint = checkpoint.path();
  const absl::Status inspected = Inspect(options, output);
  if (status != nullptr) *status = inspected;
  return output.str();
}

TEST(InspectTest, TellsWhatACheckpointIs) {
  const testing::CheckpointCopy checkpoint("gpt2");
  const CheckpointReport report = InspectCheckpoint(checkpoint.path(), {});
  EXPECT_EQ(report.model_type, "gpt2");
  EXPECT_THAT(report.architectures, ElementsAre("GPT2LMHeadModel"));
  EXPECT_THAT(report.problems, IsEmpty());
  ASSERT_TRUE(report.model && report.weights && report.tokenizer && report.memory);
  EXPECT_EQ(report.model->layers, 3);
  EXPECT_EQ(report.model->hidden_size, 32);
  EXPECT_EQ(report.model->vocab_size, 96);
  EXPECT_EQ(report.model->max_positions, 64);
  EXPECT_TRUE(report.weights->tied);
  EXPECT_THAT(report.weights->leftovers, IsEmpty());
  EXPECT_EQ(report.weights->dtypes.at("F32"),
            report.weights->body_parameters + report.weights->head_parameters);
  EXPECT_EQ(report.tokenizer->kind, "BPE");
  EXPECT_EQ(report.tokenizer->file, "tokenizer.json");
  EXPECT_EQ(report.tokenizer->tokens, 96);
  EXPECT_THAT(Text(checkpoint), HasSubstr("none: this checkpoint can be probed"));
}

TEST(InspectTest, NamesAllThatIsUnsupportedAndFailsByTheFirst) {
  const testing::CheckpointCopy checkpoint("llama");
  std::string config = *ReadFile(checkpoint.File("config.json"));
  config.insert(config.find('{') + 1, "\"quantization_config\": {\"bits\": 4},");
  checkpoint.Write("config.json", config);
  std::filesystem::remove(checkpoint.File("tokenizer.json"));
  absl::Status status;
  const std::string text = Text(checkpoint, &status);
  EXPECT_STATUS(status, kUnimplemented, "quantization_config", "config.json");
  EXPECT_THAT(text, HasSubstr("quantization_config"));
  EXPECT_THAT(text, HasSubstr("no tokenizer in"));
  EXPECT_THAT(text, HasSubstr("llama (LlamaForCausalLM)"));
}

TEST(InspectTest, ReportsTensorsThatTheModelDoesNotRead) {
  const testing::CheckpointCopy checkpoint("llama");
  std::string bytes = *ReadFile(checkpoint.File("model.safetensors"));
  const std::string head = "\"lm_head.weight\"";
  ASSERT_NE(bytes.find(head), std::string::npos);
  bytes.replace(bytes.find(head), head.size(), "\"my_head.weight\"");
  checkpoint.Write("model.safetensors", bytes);
  const CheckpointReport report = InspectCheckpoint(checkpoint.path(), {});
  ASSERT_TRUE(report.weights);
  EXPECT_THAT(report.weights->leftovers, ElementsAre("my_head.weight"));
  EXPECT_STATUS(report.weights->head, kDataLoss, "lm_head.weight");
  EXPECT_THAT(report.notes, ElementsAre(HasSubstr("no generation")));
}

// The fingerprint of a tensor is its own: the same in another file, another when a bit differs.
TEST(InspectTest, FingerprintsTellWhichTensorsDiffer) {
  const testing::CheckpointCopy checkpoint("llama"), other("llama");
  ReportOptions options;
  options.fingerprints = true;
  const CheckpointReport before = InspectCheckpoint(checkpoint.path(), options);
  std::string bytes = *ReadFile(other.File("model.safetensors"));
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  other.Write("model.safetensors", bytes);
  const CheckpointReport after = InspectCheckpoint(other.path(), options);
  ASSERT_TRUE(before.weights && after.weights);
  EXPECT_THAT(before.weights->content_digest, SizeIs(64));
  EXPECT_EQ(before.weights->fingerprints.size(), after.weights->fingerprints.size());
  int differing = 0;
  for (const auto& [name, fingerprint] : before.weights->fingerprints) {
    if (after.weights->fingerprints.at(name) != fingerprint) ++differing;
  }
  EXPECT_EQ(differing, 1);
}

TEST(InspectTest, JsonSaysTheSame) {
  const testing::CheckpointCopy checkpoint("olmo2");
  std::ostringstream output;
  InspectOptions options;
  options.checkpoint = checkpoint.path();
  options.json = options.fingerprints = true;
  ASSERT_OK(Inspect(options, output));
  const nlohmann::json report = nlohmann::json::parse(output.str());
  EXPECT_EQ(report["model_type"], "olmo2");
  EXPECT_THAT(report["problems"], IsEmpty());
  EXPECT_EQ(report["weights"]["digest"].get<std::string>().size(), 64u);
  EXPECT_TRUE(report["weights"]["fingerprints"].contains("model.embed_tokens.weight"));
  EXPECT_GT(report["memory_bytes"]["analysis"].get<int64_t>(),
            report["memory_bytes"]["weights"].get<int64_t>());
}

}  // namespace
}  // namespace probesweep::worker
