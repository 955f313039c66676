#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "tests/unit/worker/engine/pass_fixture.h"

namespace probesweep::worker {
namespace {

using ::testing::IsEmpty;

// Runs a good dimension over the checkpoint; a bad checkpoint reports no dimension.
absl::Status RunOver(const std::string& folder) {
  RecordingObserver observer;
  const auto result =
      MakeEngine(2)->RunPass(MakeRequest(folder, {MakeDimension("d", MakeCsv(30, 1))}), observer);
  EXPECT_FALSE(result.ok());
  EXPECT_THAT(observer.dimensions, IsEmpty());
  return result.status();
}

TEST(BadCheckpointTest, MissingFolderOrFiles) {
  const testing::CheckpointCopy checkpoint;
  EXPECT_STATUS(RunOver(checkpoint.File("step9")), kNotFound, checkpoint.File("step9"), "check the path");
  checkpoint.Remove("tokenizer.json");
  EXPECT_STATUS(RunOver(checkpoint.path()), kNotFound, checkpoint.path(), "tokenizer.json");
  checkpoint.Remove("model.safetensors");
  EXPECT_STATUS(RunOver(checkpoint.path()), kNotFound, checkpoint.path(), "model.safetensors");
  checkpoint.Remove("config.json");
  EXPECT_STATUS(RunOver(checkpoint.path()), kNotFound, checkpoint.File("config.json"));
}

TEST(BadCheckpointTest, UnknownModelType) {
  const testing::CheckpointCopy checkpoint;
  checkpoint.SetConfig("model_type", "rwkv");
  EXPECT_STATUS(RunOver(checkpoint.path()), kUnimplemented, checkpoint.File("config.json"), "'rwkv'",
                "gpt_neox");
}

TEST(BadCheckpointTest, DamagedConfiguration) {
  const testing::CheckpointCopy checkpoint;
  checkpoint.Truncate("config.json", 5);
  EXPECT_STATUS(RunOver(checkpoint.path()), kInvalidArgument, checkpoint.File("config.json"), "JSON");
}

TEST(BadCheckpointTest, MoreLayersThanTheWeightsHave) {
  const testing::CheckpointCopy checkpoint;
  checkpoint.SetConfig("num_hidden_layers", 2147483647);
  EXPECT_STATUS(RunOver(checkpoint.path()), kDataLoss, checkpoint.path(),
                "config.json names 2147483647 layers", "'gpt_neox.layers.3.…'");
}

TEST(BadCheckpointTest, TruncatedWeights) {
  const testing::CheckpointCopy checkpoint;
  checkpoint.Truncate("model.safetensors", 100);
  EXPECT_STATUS(RunOver(checkpoint.path()), kDataLoss, checkpoint.File("model.safetensors"), "tensor");
}

TEST(BadCheckpointTest, WeightsThatAreNotFinite) {
  const testing::CheckpointCopy checkpoint;
  checkpoint.SetWeight("gpt_neox.layers.2.mlp.dense_h_to_4h.bias", 3, std::nanf(""));
  EXPECT_STATUS(RunOver(checkpoint.path()), kDataLoss, "layer 2",
                "'gpt_neox.layers.2.mlp.dense_h_to_4h.bias'");
}

TEST(BadCheckpointTest, ATokenizerOfAnotherModelFailsTheDimensionsThatShowIt) {
  const testing::CheckpointCopy checkpoint;
  auto tokenizer = nlohmann::json::parse(*ReadFile(checkpoint.File("tokenizer.json")));
  tokenizer["model"]["vocab"]["n"] = 4096;
  checkpoint.Write("tokenizer.json", tokenizer.dump());
  RecordingObserver observer;
  const std::string without = "statement,label\na,1\nb,0\nc,1\nd,0\ne,1\nf,0\n";
  ASSERT_OK(MakeEngine(2)->RunPass(
      MakeRequest(checkpoint.path(), {MakeDimension("d", MakeCsv(30, 1)), MakeDimension("good", without)}),
      observer));
  EXPECT_STATUS(observer.dimensions.at(0), kInvalidArgument, "dataset 'd-set', statement", "4096",
                "96 tokens", "tokenizer.json");
  EXPECT_OK(observer.dimensions.at(1));
}

TEST(BadCheckpointTest, TheEngineRunsTheNextOneAllTheSame) {
  const testing::CheckpointCopy good, bad;
  bad.Truncate("model.safetensors", 100);
  const auto engine = MakeEngine(2);
  const std::vector<PassDimension> dimensions = {MakeDimension("d", MakeCsv(30, 1))};
  RecordingObserver failed, observer;
  EXPECT_STATUS(engine->RunPass(MakeRequest(bad.path(), dimensions), failed), kDataLoss, "model.safetensors");
  EXPECT_OK(engine->RunPass(MakeRequest(good.path(), dimensions), observer));
  EXPECT_OK(observer.dimensions.at(0));
}

}  // namespace
}  // namespace probesweep::worker
