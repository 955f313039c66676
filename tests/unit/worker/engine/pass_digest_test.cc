// The content digest of what a pass has read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/digest.h"
#include "tests/unit/worker/engine/pass_fixture.h"
#include "worker/engine/opened_checkpoint.h"

namespace probesweep::worker {
namespace {

class PassDigestTest : public ::testing::Test {
 protected:
  // Of every dimension of a pass; all must be equal.
  std::string DigestOf(const testing::CheckpointCopy& checkpoint, int threads = 1, int dimensions = 1) {
    std::vector<PassDimension> asked;
    for (int i = 0; i < dimensions; ++i) asked.push_back(MakeDimension(absl::StrCat("d", i), MakeCsv(30, i)));
    RecordingObserver observer;
    EXPECT_OK(MakeEngine(threads)->RunPass(MakeRequest(checkpoint.path(), asked), observer));
    EXPECT_EQ(observer.dimensions.size(), asked.size());
    std::string digest;
    for (const auto& [index, result] : observer.dimensions) {
      EXPECT_OK(result);
      if (!result.ok()) return "";
      EXPECT_TRUE(digest.empty() || digest == result->checkpoint_digest) << "dimension " << index;
      digest = result->checkpoint_digest;
    }
    EXPECT_TRUE(IsDigest(digest)) << digest;
    return digest;
  }

  const testing::CheckpointCopy checkpoint_;
};

TEST_F(PassDigestTest, IsTheSameWhateverTheFolderTheThreadsAndTheDimensions) {
  const std::string digest = DigestOf(checkpoint_);
  EXPECT_EQ(DigestOf(testing::CheckpointCopy()), digest);
  EXPECT_EQ(DigestOf(checkpoint_, 3), digest);
  EXPECT_EQ(DigestOf(checkpoint_, 2, 3), digest);
}

TEST_F(PassDigestTest, ChangesWithAWeightOfTheEmbeddingTheFirstAndTheLastBlock) {
  const std::string digest = DigestOf(checkpoint_);
  for (const char* tensor : {"gpt_neox.embed_in.weight", "gpt_neox.layers.0.attention.dense.bias",
                             "gpt_neox.layers.2.mlp.dense_4h_to_h.bias"}) {
    const testing::CheckpointCopy changed;
    changed.SetWeight(tensor, 1, 0.125F);
    EXPECT_NE(DigestOf(changed), digest) << tensor;
  }
}

TEST_F(PassDigestTest, IsThatOfEverythingReadWhenTheLastBlockIs) {
  ASSERT_OK_AND_ASSIGN(const OpenedCheckpoint opened, OpenCheckpoint(checkpoint_.path()));
  ASSERT_OK(opened.model->LoadEmbedding(*opened.weights).status());
  for (int64_t layer = 0; layer < opened.model->layers(); ++layer) {
    EXPECT_NE(opened.weights->ContentDigest(), DigestOf(checkpoint_));
    ASSERT_OK(opened.model->LoadBlock(*opened.weights, layer).status());
  }
  EXPECT_EQ(opened.weights->ContentDigest(), DigestOf(checkpoint_));
}

}  // namespace
}  // namespace probesweep::worker
