#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>

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
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::string Text(InspectOptions options, const testing::CheckpointCopy& checkpoint,
                 absl::Status* status = nullptr) {
  std::ostringstream output;
  options.checkpoint = checkpoint.path();
  const absl::Status inspected = Inspect(options, output);
  if (status != nullptr) *status = inspected;
  return output.str();
}
std::string Text(const testing::CheckpointCopy& checkpoint, absl::Status* status = nullptr) {
  return Text({}, checkpoint, status);
}

// Renames a tensor, to a name of the same length.
void Rename(const testing::CheckpointCopy& checkpoint, const std::string& from, const std::string& to) {
  std::string bytes = *ReadFile(checkpoint.File("model.safetensors"));
  const size_t at = bytes.find("\"" + from + "\"");
  ASSERT_NE(at, std::string::npos) << from;
  checkpoint.Write("model.safetensors", bytes.replace(at + 1, from.size(), to));
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
  // Embedding 96 · 32 and 64 positions of 32; in each block two norms of 64, c_attn 33 · 96, c_proj 33 · 32,
  // and an MLP of 128: 33 · 128 + 129 · 32. Of the head the final norm only: the rest is the embedding.
  EXPECT_EQ(report.weights->body_parameters,
            (96 + 64) * 32 + 3 * (128 + 33 * 96 + 33 * 32 + 33 * 128 + 129 * 32));
  EXPECT_EQ(report.weights->head_parameters, 64);
  EXPECT_OK(report.weights->head);
  EXPECT_THAT(report.weights->files, ElementsAre(checkpoint.File("model.safetensors")));
  EXPECT_EQ(report.weights->bytes,
            static_cast<int64_t>(std::filesystem::file_size(checkpoint.File("model.safetensors"))));
  EXPECT_EQ(report.weights->content_digest, "") << "weights are read when asked for";
  EXPECT_THAT(report.notes, IsEmpty());
  EXPECT_THAT(report.weights->leftovers, IsEmpty());
  EXPECT_EQ(report.weights->dtypes.at("F32"),
            report.weights->body_parameters + report.weights->head_parameters);
  EXPECT_EQ(report.tokenizer->kind, "BPE");
  EXPECT_EQ(report.tokenizer->file, "tokenizer.json");
  EXPECT_EQ(report.tokenizer->tokens, 96);
}

TEST(InspectTest, WritesALineForEachPart) {
  const testing::CheckpointCopy checkpoint("gpt2");
  absl::Status status;
  const std::string text = Text(checkpoint, &status);
  EXPECT_OK(status);
  EXPECT_THAT(text,
              StartsWith("architecture  gpt2 (GPT2LMHeadModel)\n"
                         "size          3 layers, hidden size 32, vocabulary 96, 64 positions\n"
                         "parameters    43.3 k (43232 embedding and blocks, 64 head, tied to the embedding)\n"
                         "weights       "));
  EXPECT_THAT(text, HasSubstr("KiB in 1 file, F32\n"));
  EXPECT_THAT(text, HasSubstr("\ntokenizer     BPE, 96 tokens, from tokenizer.json\n"));
  EXPECT_THAT(text, HasSubstr("\nmemory        about "));
  EXPECT_THAT(text, HasSubstr("(100000 tokens)"));
  EXPECT_THAT(text, HasSubstr("(5000 statements in the largest dimension)\n"));
  EXPECT_THAT(text, HasSubstr("\nproblems      none: this checkpoint can be probed\n"));
  EXPECT_THAT(text, Not(HasSubstr("not used")));
  EXPECT_THAT(text, Not(HasSubstr("digest")));
  checkpoint.SetConfig("architectures", nullptr);
  EXPECT_THAT(Text(checkpoint), StartsWith("architecture  gpt2\n"));
  EXPECT_THAT(Text(testing::CheckpointCopy("llama")), HasSubstr(", vocabulary 96\n"));
}

// Llama's largest block has 12608 parameters: more than the embedding of 96 · 32.
TEST(InspectTest, EstimatesTheMemoryOfAPass) {
  const testing::CheckpointCopy checkpoint("llama");
  ReportOptions options;
  options.threads = 2;
  options.tokens = 1000;
  options.statements = 100;
  const CheckpointReport report = InspectCheckpoint(checkpoint.path(), options);
  ASSERT_TRUE(report.memory);
  EXPECT_EQ(report.memory->weights, 12608 * 4);
  EXPECT_EQ(report.memory->activations, 2 * 1000 * (12608 * 4 / 32));
  EXPECT_EQ(report.memory->residual_stream, 1000 * 32 * 4);
  EXPECT_EQ(report.memory->analysis, (1 + 2 * 4) * 80 * 80 * 8) << "kernels of the 80 rows to train on";
  EXPECT_EQ(report.memory->total(),
            12608 * 4 + 2 * 1000 * (12608 * 4 / 32) + 1000 * 32 * 4 + 9 * 80 * 80 * 8);
  options.tokens = 1'000'000;
  EXPECT_EQ(InspectCheckpoint(checkpoint.path(), options).memory->activations, 2 * 4096 * (12608 * 4 / 32))
      << "no more than a chunk for each core";
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
  EXPECT_THAT(text, Not(HasSubstr("can be probed")));
}

TEST(InspectTest, ReportsTensorsThatTheModelDoesNotRead) {
  const testing::CheckpointCopy checkpoint("llama");
  Rename(checkpoint, "lm_head.weight", "my_\\u001b_head");
  const CheckpointReport report = InspectCheckpoint(checkpoint.path(), {});
  ASSERT_TRUE(report.weights);
  EXPECT_THAT(report.weights->leftovers, ElementsAre("my_\x1b_head"));
  EXPECT_STATUS(report.weights->head, kDataLoss, "lm_head.weight");
  EXPECT_THAT(report.notes, ElementsAre(HasSubstr("no generation")));
  EXPECT_THAT(report.problems, IsEmpty()) << "probing does without a head";
  const std::string text = Text(checkpoint);
  EXPECT_THAT(text, HasSubstr("\nnot used      1 tensors: my_\\x1b_head\n"));
  EXPECT_THAT(text, HasSubstr("\nnote          no logits and no generation: "));
}

TEST(InspectTest, OfALongListTheFirstAreNamed) {
  const testing::CheckpointCopy checkpoint("llama");
  checkpoint.SetConfig("architectures", {"A", "B", "C", "D", "E", "F"});
  EXPECT_THAT(Text(checkpoint), StartsWith("architecture  llama (A, B, C, D and 2 more)\n"));
}

TEST(InspectTest, NotesATokenizerOfMoreTokensThanTheModelHas) {
  const testing::CheckpointCopy checkpoint("llama");
  auto tokenizer = nlohmann::json::parse(*ReadFile(checkpoint.File("tokenizer.json")));
  tokenizer["model"]["vocab"]["so many"] = 96;
  checkpoint.Write("tokenizer.json", tokenizer.dump());
  const CheckpointReport report = InspectCheckpoint(checkpoint.path(), {});
  EXPECT_THAT(report.notes, ElementsAre(HasSubstr("97 tokens, the model embeddings for 96")));
  EXPECT_THAT(report.problems, IsEmpty()) << "a text that needs no other token can be probed";
}

TEST(InspectTest, WithoutAConfigurationSaysOnlyThat) {
  const testing::CheckpointCopy checkpoint("llama");
  checkpoint.Remove("config.json");
  absl::Status status;
  EXPECT_THAT(Text(checkpoint, &status), StartsWith("problem       " + checkpoint.File("config.json")));
  EXPECT_STATUS(status, kNotFound, "config.json");
}

// The fingerprint of a tensor is its own: the same in another file, another when a bit differs. The digest is
// that of results, which the head plays no part in.
TEST(InspectTest, FingerprintsTellWhichTensorsDiffer) {
  ReportOptions options;
  options.fingerprints = true;
  const testing::CheckpointCopy checkpoint("llama");
  const CheckpointReport before = InspectCheckpoint(checkpoint.path(), options);
  ASSERT_TRUE(before.weights);
  EXPECT_THAT(before.weights->content_digest, SizeIs(64));
  EXPECT_THAT(before.weights->fingerprints, SizeIs(3 * 9 + 3)) << "of all tensors";
  const std::pair<const char*, bool> cases[] = {{"model.layers.2.mlp.up_proj.weight", true},
                                                {"model.embed_tokens.weight", true},
                                                {"model.norm.weight", false},
                                                {"lm_head.weight", false}};
  for (const auto& [tensor, in_digest] : cases) {
    SCOPED_TRACE(tensor);
    const testing::CheckpointCopy other("llama");
    other.SetWeight(tensor, 1, 0.125F);
    const CheckpointReport after = InspectCheckpoint(other.path(), options);
    ASSERT_TRUE(after.weights);
    EXPECT_EQ(after.weights->content_digest != before.weights->content_digest, in_digest);
    ASSERT_EQ(before.weights->fingerprints.size(), after.weights->fingerprints.size());
    for (const auto& [name, fingerprint] : before.weights->fingerprints) {
      EXPECT_EQ(after.weights->fingerprints.at(name) != fingerprint, name == tensor) << name;
    }
  }
}

// A storage that says it is deflated, and is not.
TEST(InspectTest, ReadingForFingerprintsFindsDamagedContents) {
  const testing::TempDir folder;
  const std::string corpus = testing::SourceDir() + "/tests/attacks/corpus/";
  for (const char* file : {"valid/checkpoint/config.json", "valid/checkpoint/tokenizer.json",
                           "zip/storage_no_deflate_stream/pytorch_model.bin"}) {
    std::filesystem::copy(corpus + file, folder.path());
  }
  EXPECT_THAT(InspectCheckpoint(folder.path(), {}).problems, IsEmpty()) << "the contents are not read";
  const CheckpointReport report = InspectCheckpoint(folder.path(), {true});
  ASSERT_THAT(report.problems, SizeIs(1));
  EXPECT_STATUS(report.problems[0], kDataLoss, "pytorch_model.bin", "data/0");
}

TEST(InspectTest, FingerprintsFollowTheReport) {
  const testing::CheckpointCopy checkpoint("llama");
  const CheckpointReport report = InspectCheckpoint(checkpoint.path(), {true});
  ASSERT_TRUE(report.weights);
  InspectOptions options;
  options.fingerprints = true;
  const std::string text = Text(options, checkpoint);
  EXPECT_THAT(text, HasSubstr("\ndigest        " + report.weights->content_digest + "\n"));
  for (const auto& [name, fingerprint] : report.weights->fingerprints) {
    EXPECT_THAT(text, HasSubstr("\n" + fingerprint + "  " + name + "\n"));
  }
}

TEST(InspectTest, JsonSaysTheSame) {
  const testing::CheckpointCopy checkpoint("gpt2");
  InspectOptions options;
  options.json = options.fingerprints = true;
  options.threads = 2;
  absl::Status status;
  const nlohmann::json json = nlohmann::json::parse(Text(options, checkpoint, &status));
  EXPECT_OK(status);
  ReportOptions same;
  same.fingerprints = true;
  same.threads = 2;
  const CheckpointReport report = InspectCheckpoint(checkpoint.path(), same);
  ASSERT_TRUE(report.weights && report.memory && report.tokenizer);
  const nlohmann::json expected = {
      {"model_type", "gpt2"},
      {"architectures", {"GPT2LMHeadModel"}},
      {"layers", 3},
      {"hidden_size", 32},
      {"vocab_size", 96},
      {"max_positions", 64},
      {"weights",
       {{"files", report.weights->files},
        {"bytes", report.weights->bytes},
        {"dtypes", report.weights->dtypes},
        {"body_parameters", report.weights->body_parameters},
        {"head_parameters", 64},
        {"tied", true},
        {"head", true},
        {"not_used", nlohmann::json::array()},
        {"digest", report.weights->content_digest},
        {"fingerprints", report.weights->fingerprints}}},
      {"tokenizer", {{"file", "tokenizer.json"}, {"kind", "BPE"}, {"tokens", 96}}},
      {"memory_bytes",
       {{"tokens", 100'000},
        {"weights", report.memory->weights},
        {"activations", report.memory->activations},
        {"residual_stream", report.memory->residual_stream},
        {"statements", 5'000},
        {"analysis", report.memory->analysis}}},
      {"notes", nlohmann::json::array()},
      {"problems", nlohmann::json::array()}};
  EXPECT_EQ(json, expected);
}

TEST(InspectTest, JsonLeavesOutWhatCannotBeTold) {
  const testing::CheckpointCopy checkpoint("llama");
  checkpoint.Remove("model.safetensors");
  checkpoint.Remove("tokenizer.json");
  InspectOptions options;
  options.json = true;
  absl::Status status;
  const nlohmann::json json = nlohmann::json::parse(Text(options, checkpoint, &status));
  EXPECT_STATUS(status, kNotFound, "model.safetensors");
  EXPECT_EQ(json["model_type"], "llama");
  for (const char* part : {"layers", "weights", "tokenizer", "memory_bytes"}) {
    EXPECT_FALSE(json.contains(part)) << part;
  }
  ASSERT_EQ(json["problems"].size(), 2u);
  EXPECT_EQ(json["problems"][0], std::string(status.message()));
  EXPECT_THAT(json["problems"][1].get<std::string>(), HasSubstr("no tokenizer in"));
}

class InspectPlanTest : public ::testing::Test {
 protected:
  InspectPlanTest() {
    EXPECT_OK(WriteFileAtomically(folder_.File("mine.csv"), "statement,label\nto be,1\nto go,0\nto be,1\n"));
    options_.json = true;
    options_.threads = 2;
    options_.preview.datasets = {folder_.File("mine.csv")};
    options_.preview.rates = {1e10, 1e9};
  }

  testing::TempDir folder_;
  InspectOptions options_;
};

TEST_F(InspectPlanTest, PlansAPassOverDatasets) {
  const testing::CheckpointCopy checkpoint("llama");
  absl::Status status;
  const nlohmann::json plan = nlohmann::json::parse(Text(options_, checkpoint, &status))["plan"];
  EXPECT_OK(status);
  EXPECT_EQ(plan["statements"], 3);
  EXPECT_EQ(plan["threads"], 2);
  ASSERT_EQ(plan["dimensions"].size(), 1u);
  EXPECT_EQ(plan["dimensions"][0]["name"], "mine");
  EXPECT_EQ(plan["dimensions"][0]["distinct"], 2);
  EXPECT_EQ(plan["dimensions"][0]["tokens"], plan["tokens"]);
  EXPECT_LT(plan["rows"], plan["tokens"]) << "a text that is there twice, and a beginning that is shared";
  // All but the head: embedding and blocks, in fp32.
  const CheckpointReport report = InspectCheckpoint(checkpoint.path(), {});
  EXPECT_EQ(plan["bytes_to_read"], 4 * report.weights->body_parameters);
  // The block that computes, the next one, and what the allocator keeps of the one before.
  EXPECT_EQ(plan["memory_bytes"]["weights"], 3 * 4 * 12608);
  EXPECT_GT(plan["memory_bytes"]["process"], 1 << 20);
  EXPECT_EQ(plan["rates"]["sgemm"], 1e10);
  EXPECT_GT(plan["flops"]["products"], 0);
  EXPECT_GT(plan["seconds"]["pass"], 0);
}

TEST_F(InspectPlanTest, ShowsThePlanBelowTheReport) {
  options_.json = false;
  const std::string text = Text(options_, testing::CheckpointCopy("llama"));
  EXPECT_THAT(text, HasSubstr("can be probed\nplan          reads "));
  EXPECT_THAT(text, HasSubstr("\n  dimension   mine: 3 statements, "));
  EXPECT_THAT(text, HasSubstr("\n  compute     "));
  EXPECT_THAT(text, HasSubstr("\n  memory      "));
  EXPECT_THAT(text, HasSubstr(" on 2 cores: load "));
  EXPECT_THAT(text, HasSubstr("\n  rates       10 GFLOP/s sgemm a core, reading 1 GB/s\n"));
}

TEST_F(InspectPlanTest, MeasuresTheRatesThatAreNotGiven) {
  options_.preview.rates = {};
  const nlohmann::json plan = nlohmann::json::parse(Text(options_, testing::CheckpointCopy("llama")))["plan"];
  EXPECT_GT(plan["rates"]["sgemm"], 1e6);
  EXPECT_GT(plan["rates"]["read"], 1e3);
}

TEST_F(InspectPlanTest, WhatIsWrongWithADatasetIsAProblem) {
  const testing::CheckpointCopy checkpoint("llama");
  ASSERT_OK(WriteFileAtomically(folder_.File("mine.csv"), "statement,label\nto be,2\n"));
  absl::Status status;
  EXPECT_FALSE(nlohmann::json::parse(Text(options_, checkpoint, &status)).contains("plan"));
  EXPECT_STATUS(status, kInvalidArgument, "mine.csv");
  options_.preview.datasets = {folder_.File("gone.csv")};
  Text(options_, checkpoint, &status);
  EXPECT_STATUS(status, kNotFound, "gone.csv");
  options_.preview.analysis.protocols = {"relased"};
  Text(options_, checkpoint, &status);
  EXPECT_STATUS(status, kInvalidArgument, "released");
}

TEST(InspectTest, FailsWhenTheReportCannotBeWritten) {
  const testing::CheckpointCopy checkpoint("llama");
  InspectOptions options;
  options.checkpoint = checkpoint.path();
  std::ostringstream full;
  full.setstate(std::ios::badbit);
  EXPECT_STATUS(Inspect(options, full), kUnknown, "cannot write the report");
}

}  // namespace
}  // namespace probesweep::worker
