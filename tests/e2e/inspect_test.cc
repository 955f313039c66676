// The worker's inspection commands.
#include <gtest/gtest.h>

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/e2e/answers.h"
#include "tests/e2e/cluster.h"
#include "tests/golden/checkpoint_copy.h"
#include "tests/golden/tensor_file.h"

namespace probesweep::testing {
namespace {

// The largest difference, relative to the root mean square of `expected`.
double Deviation(const std::vector<float>& values, const std::vector<float>& expected) {
  if (values.size() != expected.size() || expected.empty()) return INFINITY;
  double largest = 0, squares = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double difference = std::abs(static_cast<double>(values[i]) - expected[i]);
    if (!(difference <= largest)) largest = difference;  // so that NaN stays
    squares += static_cast<double>(expected[i]) * expected[i];
  }
  return largest / std::sqrt(squares / static_cast<double>(expected.size()));
}

struct ForwardCase {
  std::string name, model, config;
};
void PrintTo(const ForwardCase& test, std::ostream* out) { *out << test.name; }

class ForwardTest : public ::testing::TestWithParam<ForwardCase> {};

TEST_P(ForwardTest, GivesTheResidualStreamAndLogitsOfTransformers) {
  const auto& [name, model, config] = GetParam();
  const CheckpointCopy checkpoint(model, config);
  const TensorFile expected(absl::StrCat(GoldenFolder(model), "/expected.safetensors"));
  std::string prompts;
  int count = 0;
  for (; expected.Has(absl::StrCat("prompt_", count, ".input_ids")); ++count) {
    absl::StrAppend(&prompts, "{\"ids\": [",
                    absl::StrJoin(expected.Integers(absl::StrCat("prompt_", count, ".input_ids")), ", "),
                    "]}\n");
  }
  ASSERT_GE(count, 4);
  checkpoint.Write("prompts.jsonl", prompts);
  const Finished run =
      RunProgram({Program("probesweep-worker"), "forward", "--checkpoint", checkpoint.path(), "--prompts",
                  checkpoint.File("prompts.jsonl"), "--out", checkpoint.File("out.safetensors"), "--logits"});
  ASSERT_EQ(run.exit_code, 0) << run.err;

  const TensorFile written(checkpoint.File("out.safetensors"));
  for (int i = 0; i < count; ++i) {
    for (const char* what : {".block_outputs", ".logits"}) {
      const std::string tensor = absl::StrCat("prompt_", i, what);
      EXPECT_EQ(written.Shape(tensor), expected.Shape(tensor)) << tensor;
      EXPECT_LT(Deviation(written.Floats(tensor), expected.Floats(tensor)), 1e-4) << tensor;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, ForwardTest,
                         ::testing::Values(ForwardCase{"parallel", "gpt_neox", "config.json"},
                                           ForwardCase{"parallel_v5", "gpt_neox", "config.v5.json"},
                                           ForwardCase{"sequential", "gpt_neox_sequential", "config.json"}),
                         [](const ::testing::TestParamInfo<ForwardCase>& test) { return test.param.name; });

TEST(TokenizeTest, OneLineOutForEachLineIn) {
  const CheckpointCopy checkpoint;
  const Finished run =
      RunProgram({Program("probesweep-worker"), "tokenize", "--checkpoint", checkpoint.path()},
                 {{}, "{\"text\": \"A b\"}\n{\"text\": \"~\"}\n"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, "{\"ids\":[34,1,67]}\n{\"ids\":[95]}\n");
}

TEST(TokenizeTest, ABadLineIsNamed) {
  const CheckpointCopy checkpoint;
  const Finished run =
      RunProgram({Program("probesweep-worker"), "tokenize", "--checkpoint", checkpoint.path()},
                 {{}, "{\"text\": \"A b\"}\n{\"txt\": \"~\"}\n"});
  EXPECT_EQ(run.exit_code, 3) << run.err;
  ExpectParts(run.err, {"standard input:2", "{\"text\": "});
}

Finished Inspect(const CheckpointCopy& checkpoint, const std::vector<std::string>& flags) {
  std::vector<std::string> command = {Program("probesweep-worker"), "inspect", "--checkpoint",
                                      checkpoint.path()};
  command.insert(command.end(), flags.begin(), flags.end());
  return RunProgram(command);
}

TEST(InspectTest, TellsWhatACheckpointIsForPeopleAndForScripts) {
  const CheckpointCopy checkpoint("llama");
  const Finished text = Inspect(checkpoint, {});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  ExpectParts(text.out, {"llama (LlamaForCausalLM)", "3 layers, hidden size 32, vocabulary 96\n",
                         "(100000 tokens)", "(5000 statements", "this checkpoint can be probed\n"});
  EXPECT_EQ(text.out.find("\ndigest"), std::string::npos);
  const Finished run = Inspect(
      checkpoint, {"--json", "--fingerprints", "--tokens", "1000", "--statements", "100", "--threads", "2"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const nlohmann::json report = nlohmann::json::parse(run.out);
  EXPECT_EQ(report["model_type"], "llama");
  EXPECT_EQ(report["weights"]["digest"].get<std::string>().size(), 64u);
  EXPECT_EQ(report["memory_bytes"]["tokens"], 1000);
  EXPECT_EQ(report["memory_bytes"]["residual_stream"], 1000 * 32 * 4);
  EXPECT_EQ(report["memory_bytes"]["statements"], 100);
  EXPECT_EQ(report["memory_bytes"]["analysis"], (1 + 2 * 4) * 80 * 80 * 8);
}

TEST(InspectTest, FailsWhenTheCheckpointCannotBeProbed) {
  const CheckpointCopy checkpoint("llama");
  checkpoint.SetConfig("model_type", "lama");
  checkpoint.Remove("tokenizer.json");
  const Finished refused = Inspect(checkpoint, {});
  EXPECT_EQ(refused.exit_code, 3) << refused.out;
  ExpectParts(refused.out, {"architecture  lama", "did you mean 'llama'?", "no tokenizer in"});
  ExpectParts(refused.err, {checkpoint.File("config.json"), "'lama'"});
  EXPECT_EQ(Inspect(checkpoint, {"--statements", "0"}).exit_code, 2);
}

class GenerateTest : public ::testing::Test {
 protected:
  // Continues prompt 3 of the golden by 12 tokens.
  Finished Generate(const std::vector<std::string>& flags) const {
    std::vector<std::string> command = {
        Program("probesweep-worker"), "generate",  "--checkpoint",
        checkpoint_.path(),           "--prompts", checkpoint_.File("prompts.jsonl"),
        "--max-new-tokens",           "12"};
    command.insert(command.end(), flags.begin(), flags.end());
    checkpoint_.Write("prompts.jsonl", absl::StrCat("{\"ids\": ", Ids("prompt_3.input_ids"), "}\n"));
    return RunProgram(command);
  }

  std::string Ids(const std::string& tensor) const {
    return absl::StrCat("[", absl::StrJoin(expected_.Integers(tensor), ","), "]");
  }

  const CheckpointCopy checkpoint_{"llama"};
  const std::string file_ = GoldenFolder("llama") + "/expected.safetensors";
  const TensorFile expected_{file_};
};

TEST_F(GenerateTest, ContinuesAsTransformersDoesPlainAndSteered) {
  const Finished plain = Generate({});
  EXPECT_EQ(plain.exit_code, 0) << plain.err;
  ExpectParts(plain.out, {absl::StrCat("{\"ids\":", Ids("greedy.plain"), ",\"text\":\"")});
  EXPECT_EQ(plain.out.find('\n'), plain.out.size() - 1);
  // The flags again for each steering; 5 − 2 = 3 at block 1.
  const Finished steered =
      Generate({"--steer", file_,     "--steer-key", "steering.vector",   "--steer-layer",
                "1",       "--alpha", "5",           "--steer-positions", "last",
                "--steer", file_,     "--steer-key", "steering.vector",   "--steer-layer",
                "1",       "--alpha", "-2.0",        "--steer-positions", "last"});
  EXPECT_EQ(steered.exit_code, 0) << steered.err;
  ExpectParts(steered.out, {Ids("greedy.steered")});
}

TEST_F(GenerateTest, SaysWhatIsRefusedAndWhatIsNotApplied) {
  const Finished refused =
      Generate({"--steer", file_, "--steer-key", "steering.vctor", "--steer-layer", "1", "--alpha", "3"});
  EXPECT_EQ(refused.exit_code, 3) << refused.err;
  ExpectParts(refused.err, {file_, "did you mean 'steering.vector'?"});
  EXPECT_EQ(refused.out, "");
  checkpoint_.Write("generation_config.json", R"({"repetition_penalty": 1.2})");
  const Finished warned = Generate({});
  EXPECT_EQ(warned.exit_code, 0) << warned.err;
  ExpectParts(warned.err, {"generation_config.json", "repetition_penalty"});
}

TEST(ScoreTest, GivesLogLikelihoodTokensAndGreedy) {
  const CheckpointCopy checkpoint("llama");
  const TensorFile expected(GoldenFolder("llama") + "/expected.safetensors");
  const std::vector<int64_t> ids = expected.Integers("greedy.plain");
  const auto list = [&ids](size_t first, size_t last) {
    return absl::StrCat("[",
                        absl::StrJoin(ids.begin() + static_cast<std::ptrdiff_t>(first),
                                      ids.begin() + static_cast<std::ptrdiff_t>(last), ","),
                        "]");
  };
  checkpoint.Write("requests.jsonl",
                   absl::StrCat("{\"context_ids\":", list(0, 12), ",\"continuation_ids\":", list(12, 24),
                                "}\n{\"context_ids\":", list(0, 11), ",\"continuation_ids\":[0]}\n"));
  const Finished run = RunProgram({Program("probesweep-worker"), "score", "--checkpoint", checkpoint.path(),
                                   "--prompts", checkpoint.File("requests.jsonl")});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  ExpectParts(run.out, {"{\"log_likelihood\":-", ",\"tokens\":12,\"greedy\":true}\n",
                        ",\"tokens\":1,\"greedy\":false}\n"});
}

}  // namespace
}  // namespace probesweep::testing
