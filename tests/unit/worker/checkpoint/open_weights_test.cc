#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/golden/checkpoint_copy.h"
#include "tests/support/test_data.h"
#include "tests/unit/worker/checkpoint/weight_files.h"
#include "worker/checkpoint/checkpoint_weights.h"

namespace probesweep::worker {
namespace {

using ::testing::ElementsAre;

class OpenWeightsTest : public ::testing::Test {
 protected:
  void WriteIndex(const std::string& json) {
    ASSERT_OK(WriteFileAtomically(folder_.File("model.safetensors.index.json"), json));
  }

  testing::TempDir folder_;
};

TEST_F(OpenWeightsTest, ReadsTheOneFile) {
  WriteTensor(folder_.File("model.safetensors"), "a", 1, 2);
  ASSERT_OK_AND_ASSIGN(const auto weights, OpenWeights(folder_.path(), {}));
  EXPECT_THAT(weights->Names(), ElementsAre("a"));
}

TEST_F(OpenWeightsTest, ReadsTheShardsOfAnIndex) {
  WriteTensor(folder_.File("one.safetensors"), "b", 1, 2);
  WriteTensor(folder_.File("two.safetensors"), "a", 3, 4);
  WriteIndex(R"({"weight_map": {"a": "two.safetensors", "b": "one.safetensors"}})");
  ASSERT_OK_AND_ASSIGN(const auto weights, OpenWeights(folder_.path(), {}));
  EXPECT_THAT(weights->Names(), ElementsAre("a", "b"));
  ASSERT_OK_AND_ASSIGN(const at::Tensor a, weights->Read("a", {2}));
  ASSERT_OK_AND_ASSIGN(const at::Tensor b, weights->Read("b", {2}));
  EXPECT_TRUE(a.equal(at::tensor({3.0f, 4.0f})));
  EXPECT_TRUE(b.equal(at::tensor({1.0f, 2.0f})));
}

TEST_F(OpenWeightsTest, RefusesATensorThatStandsInTwoShards) {
  WriteTensor(folder_.File("one.safetensors"), "a", 1, 2);
  WriteTensor(folder_.File("two.safetensors"), "a", 3, 4);
  WriteIndex(R"({"weight_map": {"a": "two.safetensors", "b": "one.safetensors"}})");
  EXPECT_STATUS(OpenWeights(folder_.path(), {}), kDataLoss, "'a'", "one.safetensors", "two.safetensors");
}

TEST_F(OpenWeightsTest, NamesAShardThatIsMissing) {
  WriteIndex(R"({"weight_map": {"a": "gone.safetensors"}})");
  EXPECT_STATUS(OpenWeights(folder_.path(), {}), kNotFound, folder_.File("gone.safetensors"));
}

TEST_F(OpenWeightsTest, NamesIndexAndShardThatDisagree) {
  WriteTensor(folder_.File("one.safetensors"), "a", 1, 2);
  WriteTensor(folder_.File("two.safetensors"), "b", 3, 4);
  WriteIndex(R"({"weight_map": {"a": "one.safetensors", "b": "two.safetensors", "c": "two.safetensors"}})");
  EXPECT_STATUS(OpenWeights(folder_.path(), {}), kDataLoss, "model.safetensors.index.json", "'c'",
                folder_.File("two.safetensors"));
  WriteIndex(R"({"weight_map": {"a": "two.safetensors", "b": "one.safetensors"}})");
  EXPECT_STATUS(OpenWeights(folder_.path(), {}), kDataLoss, "model.safetensors.index.json", "'a'",
                folder_.File("two.safetensors"));
  WriteIndex(R"({"weight_map": {"a": "one.safetensors", "c": "gone.safetensors"}})");
  EXPECT_STATUS(OpenWeights(folder_.path(), {}), kNotFound, "model.safetensors.index.json",
                folder_.File("gone.safetensors"));
}

TEST_F(OpenWeightsTest, ReadsWhatTransformersWouldWhenThereAreSeveral) {
  const auto copy_bin = [this](const std::string& to) {
    std::filesystem::copy_file(testing::GoldenFolder("formats/torch/state.legacy.bin"), folder_.File(to));
  };
  copy_bin("shard.bin");
  ASSERT_OK(WriteFileAtomically(folder_.File("pytorch_model.bin.index.json"),
                                R"({"weight_map": {"type.float32": "shard.bin"}})"));
  const auto opened = [this] { return (*OpenWeights(folder_.path(), {}))->store().Paths(); };
  EXPECT_THAT(opened(), ElementsAre(folder_.File("shard.bin")));
  copy_bin("pytorch_model.bin");
  EXPECT_THAT(opened(), ElementsAre(folder_.File("pytorch_model.bin")));
  WriteTensor(folder_.File("one.safetensors"), "a", 1, 2);
  WriteIndex(
      R"({"metadata": {"weight_map": {"x": [1]}}, "weight_map": {"a": "one.safetensors"}, "n": [{}]})");
  EXPECT_THAT(opened(), ElementsAre(folder_.File("one.safetensors")));
  WriteTensor(folder_.File("model.safetensors"), "a", 1, 2);
  EXPECT_THAT(opened(), ElementsAre(folder_.File("model.safetensors")));
}

TEST_F(OpenWeightsTest, KnowsAPointerOfGitLfs) {
  for (const char* name : {"pytorch_model.bin", "model.safetensors"}) {
    ASSERT_OK(
        WriteFileAtomically(folder_.File(name), "version https://git-lfs.github.com/spec/v1\noid sha256:0"));
    EXPECT_STATUS(OpenWeights(folder_.path(), {}), kDataLoss, folder_.File(name), "git lfs pull");
  }
}

TEST_F(OpenWeightsTest, RefusesWhatIsNoFile) {
  std::filesystem::create_directory(folder_.File("model.safetensors"));
  EXPECT_STATUS(OpenWeights(folder_.path(), {}), kInvalidArgument, folder_.File("model.safetensors"),
                "a folder");
}

TEST_F(OpenWeightsTest, NeverFollowsAnIndexOutOfItsFolder) {
  testing::TempDir elsewhere;
  WriteTensor(elsewhere.File("secret.safetensors"), "a", 1, 2);
  for (const std::string& name :
       {elsewhere.File("secret.safetensors"), std::string("../x/secret.safetensors"),
        std::string("sub/secret.safetensors"), std::string()}) {
    WriteIndex(R"({"weight_map": {"a": ")" + name + R"("}})");
    EXPECT_STATUS(OpenWeights(folder_.path(), {}), kInvalidArgument, "model.safetensors.index.json", name,
                  "not a file name");
  }
}

TEST_F(OpenWeightsTest, RefusesAnIndexWithoutAMap) {
  for (const char* json : {"{", "[]", "{}", "3", R"({"weight_map": []})", R"({"weight_map": {}})"}) {
    WriteIndex(json);
    EXPECT_STATUS(OpenWeights(folder_.path(), {}), kInvalidArgument, "model.safetensors.index.json",
                  "weight_map");
  }
  WriteIndex(R"({"weight_map": {"a": ["one.safetensors"]}})");
  EXPECT_STATUS(OpenWeights(folder_.path(), {}), kInvalidArgument, "model.safetensors.index.json",
                "not a file name");
  WriteIndex(R"({"weight_map": {"a": 1}})");
  EXPECT_STATUS(OpenWeights(folder_.path(), {}), kInvalidArgument, "model.safetensors.index.json",
                "not a file name");
}

TEST_F(OpenWeightsTest, SaysWhatIsReadWhenThereAreNoWeights) {
  EXPECT_STATUS(OpenWeights(folder_.path(), {}), kNotFound, folder_.path(), "model.safetensors",
                "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json");
}

}  // namespace
}  // namespace probesweep::worker
