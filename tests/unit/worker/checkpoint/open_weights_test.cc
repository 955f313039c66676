#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/test_data.h"
#include "tests/unit/worker/checkpoint/weight_files.h"
#include "worker/checkpoint/weight_source.h"

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
  ASSERT_OK_AND_ASSIGN(const auto weights, OpenWeights(folder_.path()));
  EXPECT_THAT(weights->Names(), ElementsAre("a"));
}

TEST_F(OpenWeightsTest, ReadsTheShardsOfAnIndex) {
  WriteTensor(folder_.File("one.safetensors"), "b", 1, 2);
  WriteTensor(folder_.File("two.safetensors"), "a", 3, 4);
  WriteIndex(R"({"weight_map": {"a": "two.safetensors", "b": "one.safetensors"}})");
  ASSERT_OK_AND_ASSIGN(const auto weights, OpenWeights(folder_.path()));
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
  EXPECT_STATUS(OpenWeights(folder_.path()), kDataLoss, "'a'", "one.safetensors", "two.safetensors");
}

TEST_F(OpenWeightsTest, NamesAShardThatIsMissing) {
  WriteIndex(R"({"weight_map": {"a": "gone.safetensors"}})");
  EXPECT_STATUS(OpenWeights(folder_.path()), kNotFound, folder_.File("gone.safetensors"));
}

TEST_F(OpenWeightsTest, NeverFollowsAnIndexOutOfItsFolder) {
  testing::TempDir elsewhere;
  WriteTensor(elsewhere.File("secret.safetensors"), "a", 1, 2);
  for (const std::string& name :
       {elsewhere.File("secret.safetensors"), std::string("../x/secret.safetensors"),
        std::string("sub/secret.safetensors"), std::string()}) {
    WriteIndex(R"({"weight_map": {"a": ")" + name + R"("}})");
    EXPECT_STATUS(OpenWeights(folder_.path()), kInvalidArgument, "model.safetensors.index.json", name,
                  "not a file name");
  }
}

TEST_F(OpenWeightsTest, RefusesAnIndexWithoutAMap) {
  for (const char* json : {"{", "[]", "{}", R"({"weight_map": []})", R"({"weight_map": {}})"}) {
    WriteIndex(json);
    EXPECT_STATUS(OpenWeights(folder_.path()), kInvalidArgument, "model.safetensors.index.json",
                  "weight_map");
  }
  WriteIndex(R"({"weight_map": {"a": 1}})");
  EXPECT_STATUS(OpenWeights(folder_.path()), kInvalidArgument, "model.safetensors.index.json",
                "not a file name");
}

TEST_F(OpenWeightsTest, SaysWhatIsReadWhenThereAreNoWeights) {
  EXPECT_STATUS(OpenWeights(folder_.path()), kNotFound, folder_.path(), "model.safetensors",
                "model.safetensors.index.json");
}

}  // namespace
}  // namespace probesweep::worker
