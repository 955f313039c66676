#include "worker/checkpoint/checkpoint_weights.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/digest.h"
#include "tests/support/test_data.h"
#include "tests/unit/worker/checkpoint/weight_files.h"

namespace probesweep::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TensorNaming SampleNaming() {
  TensorNaming naming;
  naming.base_prefix = "model.";
  naming.embedding = "model.embed.weight";
  naming.unembedding = "lm_head.weight";
  return naming;
}

class CheckpointWeightsTest : public ::testing::Test {
 protected:
  // A file with one-row fp32 matrices [1, 2] of the given names; the i-th holds i and −i, counted from 1.
  std::unique_ptr<CheckpointWeights> Open(const std::vector<std::string>& names, const TensorNaming& naming) {
    std::vector<std::string> bytes;
    for (size_t i = 0; i < names.size(); ++i) {
      const auto value = static_cast<float>(i + 1);
      bytes.push_back(Bytes<float>({value, -value}));
    }
    std::vector<TensorToWrite> tensors;
    for (size_t i = 0; i < names.size(); ++i) tensors.push_back({names[i], DType::kF32, {1, 2}, bytes[i]});
    WriteTensors(folder_.File("model.safetensors"), tensors);
    auto weights = OpenWeights(folder_.path(), naming);
    EXPECT_TRUE(weights.ok()) << weights.status();
    return *std::move(weights);
  }

  // The first value of a tensor; 0 when it cannot be read.
  static float First(CheckpointWeights& weights, const std::string& name) {
    const auto tensor = weights.Read(name, {1, 2});
    EXPECT_TRUE(tensor.ok()) << tensor.status();
    return tensor.ok() ? tensor->select(0, 0).select(0, 0).item<float>() : 0;
  }

  testing::TempDir folder_;
};

TEST_F(CheckpointWeightsTest, FindsTensorsWithAndWithoutTheBasePrefix) {
  const auto full = Open({"model.h.0.w", "lm_head.weight"}, SampleNaming());
  EXPECT_EQ(First(*full, "model.h.0.w"), 1);
  EXPECT_EQ(First(*full, "lm_head.weight"), 2);
  EXPECT_THAT(full->Names(), ElementsAre("lm_head.weight", "model.h.0.w"));

  const auto bare = Open({"h.0.w", "embed.weight", "lm_head.weight"}, SampleNaming());
  EXPECT_EQ(First(*bare, "model.h.0.w"), 1);
  EXPECT_THAT(bare->Names(), ElementsAre("lm_head.weight", "model.embed.weight", "model.h.0.w"));

  const auto wrapped = Open({"model.h.0.w", "model.lm_head.weight"}, SampleNaming());
  EXPECT_EQ(First(*wrapped, "lm_head.weight"), 2);
  EXPECT_THAT(wrapped->Names(), ElementsAre("lm_head.weight", "model.h.0.w"));
}

TEST_F(CheckpointWeightsTest, ATensorOfItsExactNameComesFirst) {
  const auto both = Open({"h.0.w", "model.h.0.w"}, SampleNaming());
  EXPECT_EQ(First(*both, "model.h.0.w"), 2);
  EXPECT_THAT(both->Leftovers(), ElementsAre("h.0.w"));
}

TEST_F(CheckpointWeightsTest, WithoutABasePrefixNamesAreExact) {
  const auto weights = Open({"h.0.w"}, {});
  EXPECT_TRUE(weights->Has("h.0.w"));
  EXPECT_FALSE(weights->Has("model.h.0.w"));
  EXPECT_FALSE(weights->Has(""));
}

TEST_F(CheckpointWeightsTest, ATiedTensorThatIsStoredOnceIsBoth) {
  TensorNaming tied = SampleNaming();
  tied.tied = true;
  for (const char* stored : {"model.embed.weight", "lm_head.weight", "embed.weight"}) {
    SCOPED_TRACE(stored);
    const auto weights = Open({stored}, tied);
    EXPECT_TRUE(weights->Has("lm_head.weight"));
    EXPECT_EQ(First(*weights, "model.embed.weight"), 1);
    EXPECT_EQ(First(*weights, "lm_head.weight"), 1);
    EXPECT_THAT(weights->Leftovers(), IsEmpty());
    EXPECT_EQ(weights->Names().size(), 1u);
  }
}

TEST_F(CheckpointWeightsTest, TiedTensorsThatAreBothStoredEachCount) {
  TensorNaming tied = SampleNaming();
  tied.tied = true;
  const auto weights = Open({"model.embed.weight", "lm_head.weight"}, tied);
  EXPECT_EQ(First(*weights, "model.embed.weight"), 1);
  EXPECT_EQ(First(*weights, "lm_head.weight"), 2);
}

TEST_F(CheckpointWeightsTest, NamesEverythingItLookedFor) {
  TensorNaming tied = SampleNaming();
  const auto untied = Open({"model.embed.weight"}, tied);
  EXPECT_FALSE(untied->Has("lm_head.weight"));
  EXPECT_STATUS(untied->Read("lm_head.weight", {1, 2}), kDataLoss, "'lm_head.weight'", "model.safetensors");
  tied.tied = true;
  tied.stored_parts["model.h.0.w"] = {"model.h.0.fused"};
  const auto neither = Open({"model.h.1.w"}, tied);
  EXPECT_STATUS(neither->Read("lm_head.weight", {1, 2}), kDataLoss, "'lm_head.weight'",
                "'model.embed.weight'");
  EXPECT_STATUS(neither->Shape("model.embed.weight"), kDataLoss, "'model.embed.weight'", "'lm_head.weight'");
  EXPECT_STATUS(neither->Read("model.h.0.w", {1, 2}), kDataLoss, "'model.h.0.w'", "'model.h.0.fused'");
}

TEST_F(CheckpointWeightsTest, PassesOverUnusedBuffersAndReportsLeftovers) {
  TensorNaming naming = SampleNaming();
  naming.unused_suffixes = {"attn.bias", "inv_freq"};
  const auto weights = Open({"model.h.0.w", "model.h.0.attn.bias", "model.h.0.rotary.inv_freq",
                             "model.h.0.xattn.bias", "model.h.0.w.attn.bias.scale"},
                            naming);
  EXPECT_THAT(weights->Leftovers(),
              ElementsAre("model.h.0.w", "model.h.0.w.attn.bias.scale", "model.h.0.xattn.bias"));
  EXPECT_EQ(First(*weights, "model.h.0.w"), 1);
  EXPECT_THAT(weights->Leftovers(), ElementsAre("model.h.0.w.attn.bias.scale", "model.h.0.xattn.bias"));
  EXPECT_THAT(weights->Names(),
              ElementsAre("model.h.0.w", "model.h.0.w.attn.bias.scale", "model.h.0.xattn.bias"));
}

class StoredPartsTest : public CheckpointWeightsTest {
 protected:
  void SetUp() override {
    const std::string matrix = Bytes<float>({1, 2, 3, 4, 5, 6}), vector = Bytes<float>({1, 2, 3, 4});
    WriteTensors(folder_.File("model.safetensors"), {{"blocks.0.fused", DType::kF32, {3, 2}, matrix},
                                                     {"blocks.0.bias", DType::kF32, {4}, vector},
                                                     {"blocks.0.stack", DType::kF32, {1, 3, 2}, matrix},
                                                     {"blocks.0.one", DType::kF32, {}, vector.substr(0, 4)}});
    naming_ = SampleNaming();
    naming_.stored_parts = {{"model.h.0.q", {"model.blocks.0.fused", 0, 2}},
                            {"model.h.0.v", {"model.blocks.0.fused", 2, 1}},
                            {"model.h.0.bias", {"blocks.0.bias", 1, 2}},
                            {"model.h.0.expert", {"blocks.0.stack", 1, 2}},
                            {"model.h.0.all", {"blocks.0.fused"}},
                            {"model.h.0.beyond", {"blocks.0.fused", 2, 2}},
                            {"model.h.0.far", {"blocks.0.fused", INT64_MAX, INT64_MAX}},
                            {"model.h.0.row", {"blocks.0.one", 0, 1}}};
    auto weights = OpenWeights(folder_.path(), naming_);
    ASSERT_OK(weights);
    weights_ = *std::move(weights);
  }

  void ExpectValues(const std::string& name, const at::Tensor& expected) {
    ASSERT_OK_AND_ASSIGN(const std::vector<int64_t> shape, weights_->Shape(name));
    EXPECT_EQ(at::IntArrayRef(shape), expected.sizes()) << name;
    ASSERT_OK_AND_ASSIGN(const at::Tensor read, weights_->Read(name, shape));
    EXPECT_TRUE(read.equal(expected)) << name << read;
  }

  TensorNaming naming_;
  std::unique_ptr<CheckpointWeights> weights_;
};

TEST_F(StoredPartsTest, ReadsRowsOfALargerTensor) {
  ExpectValues("model.h.0.q", at::tensor({1.f, 2.f, 3.f, 4.f}).view({2, 2}));
  ExpectValues("model.h.0.v", at::tensor({5.f, 6.f}).view({1, 2}));
  ExpectValues("model.h.0.bias", at::tensor({2.f, 3.f}));
  ExpectValues("model.h.0.expert", at::tensor({3.f, 4.f, 5.f, 6.f}).view({2, 2}));
  ExpectValues("model.h.0.all", at::tensor({1.f, 2.f, 3.f, 4.f, 5.f, 6.f}).view({3, 2}));
  EXPECT_THAT(weights_->Leftovers(), ElementsAre("blocks.0.one"));
}

TEST_F(StoredPartsTest, RefusesRowsThatAreNotThere) {
  for (const char* name : {"model.h.0.beyond", "model.h.0.far"}) {
    EXPECT_STATUS(weights_->Shape(name), kDataLoss, "model.safetensors", "'blocks.0.fused'", "[3, 2]", name);
  }
  EXPECT_STATUS(weights_->Read("model.h.0.row", {1}), kDataLoss, "'blocks.0.one'", "[]");
}

TEST_F(StoredPartsTest, FingerprintsThePartAsIfItStoodAlone) {
  ASSERT_OK(weights_->Read("model.h.0.v", {1, 2}));
  WriteTensors(folder_.File("model.safetensors"),
               {{"model.h.0.v", DType::kF32, {1, 2}, Bytes<float>({5, 6})}});
  ASSERT_OK_AND_ASSIGN(const auto alone, OpenWeights(folder_.path(), SampleNaming()));
  ASSERT_OK(alone->Read("model.h.0.v", {1, 2}));
  EXPECT_EQ(weights_->ContentDigest(), alone->ContentDigest());
}

TEST_F(CheckpointWeightsTest, TheDigestIsOfNamesTypesShapesAndBytes) {
  const auto weights = Open({"model.h.0.w", "lm_head.weight"}, SampleNaming());
  EXPECT_EQ(weights->ContentDigest(), Sha256Hex(""));
  First(*weights, "model.h.0.w");
  First(*weights, "lm_head.weight");
  First(*weights, "lm_head.weight");
  // xxhsum -H128 of the eight bytes each.
  const auto prints = weights->Fingerprints();
  ASSERT_EQ(prints.size(), 2u);
  EXPECT_EQ(weights->ContentDigest(),
            Sha256Hex("lm_head.weight F32 [1, 2] " + prints.at("lm_head.weight") +
                      "\nmodel.h.0.w F32 [1, 2] " + prints.at("model.h.0.w") + "\n"));
  const auto bare = Open({"h.0.w", "lm_head.weight"}, SampleNaming());
  First(*bare, "model.h.0.w");
  EXPECT_NE(bare->ContentDigest(), weights->ContentDigest()) << "not all is read yet";
  First(*bare, "lm_head.weight");
  EXPECT_EQ(bare->ContentDigest(), weights->ContentDigest());
  const auto other = Open({"lm_head.weight", "model.h.0.w"}, SampleNaming());
  First(*other, "model.h.0.w");
  First(*other, "lm_head.weight");
  EXPECT_NE(other->ContentDigest(), weights->ContentDigest());
}

TEST_F(CheckpointWeightsTest, FingerprintsAreXxh3) {
  WriteTensors(folder_.File("model.safetensors"), {{"w", DType::kF32, {0}, ""}});
  ASSERT_OK_AND_ASSIGN(const auto weights, OpenWeights(folder_.path(), {}));
  ASSERT_OK(weights->Read("w", {0}));
  EXPECT_EQ(weights->Fingerprints().at("w"), "99aa06d3014798d86001c324468d497f") << "as xxhsum -H128 has it";
}

TEST_F(CheckpointWeightsTest, ReadsTensorsOfManyChunksExactly) {
  const int64_t count = (1 << 20) + 3;
  const at::Tensor expected = at::arange(count, at::kDouble) * 0.5 - 1000;
  for (const auto& [dtype, type] : {std::make_pair(DType::kF32, at::kFloat), {DType::kF64, at::kDouble}}) {
    const at::Tensor stored = expected.to(type);
    const absl::string_view bytes(static_cast<const char*>(stored.data_ptr()), stored.nbytes());
    WriteTensors(folder_.File("model.safetensors"), {{"w", dtype, {count}, bytes}});
    ASSERT_OK_AND_ASSIGN(const auto weights, OpenWeights(folder_.path(), {}));
    ASSERT_OK_AND_ASSIGN(const at::Tensor read, weights->Read("w", {count}));
    EXPECT_TRUE(read.equal(expected.to(at::kFloat)));
    EXPECT_EQ(weights->bytes_read(), static_cast<int64_t>(bytes.size()));
  }
}

TEST_F(CheckpointWeightsTest, NoticesATensorThatChangesBetweenTwoReads) {
  const auto weights = Open({"w"}, {});
  First(*weights, "w");
  const std::string path = folder_.File("model.safetensors");
  const int64_t last = static_cast<int64_t>(std::filesystem::file_size(path)) - 1;
  std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).seekp(last).put('\x01');
  EXPECT_STATUS(weights->Read("w", {1, 2}), kDataLoss, path, "'w'", "changed");
}

}  // namespace
}  // namespace probesweep::worker
