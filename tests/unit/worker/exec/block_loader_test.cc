#include "worker/exec/block_loader.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "tests/support/status_matchers.h"

namespace probesweep::worker {
namespace {

using ::testing::ElementsAre;

struct NoBlock : Block {
  at::Tensor Forward(const at::Tensor& residual, const PackedLayout&, KeyValueCache*) const override {
    return residual;
  }
  at::Tensor ForwardLastTokens(const at::Tensor& residual, const PackedLayout&) const override {
    return residual;
  }
};

struct NoWeights : WeightSource {
  bool Has(const std::string&) const override { return false; }
  std::vector<std::string> Names() const override { return {}; }
  absl::StatusOr<std::vector<int64_t>> Shape(const std::string&) const override {
    return absl::DataLossError("none");
  }
  absl::StatusOr<at::Tensor> Read(const std::string&, const std::vector<int64_t>&) override {
    return absl::DataLossError("none");
  }
  int64_t bytes_read() const override { return 0; }
};

// Three blocks; tells which were asked for.
class ThreeBlocks : public Model {
 public:
  int64_t layers() const override { return 3; }
  int64_t hidden_size() const override { return 1; }
  int64_t vocab_size() const override { return 1; }
  std::string BlockPrefix(int64_t) const override { return ""; }
  absl::StatusOr<std::unique_ptr<Embedding>> LoadEmbedding(WeightSource&) const override {
    return absl::UnimplementedError("none");
  }
  absl::StatusOr<std::unique_ptr<Head>> LoadHead(WeightSource&) const override {
    return absl::UnimplementedError("none");
  }
  absl::StatusOr<std::unique_ptr<Block>> LoadBlock(WeightSource&, int64_t layer) const override {
    absl::MutexLock lock(&mutex_);
    loaded_.push_back(layer);
    if (layer == damaged) return absl::DataLossError(absl::StrCat("layer ", layer, " is damaged"));
    if (layer == throwing) throw std::runtime_error("thrown");
    return std::make_unique<NoBlock>();
  }

  std::vector<int64_t> loaded() const {
    absl::MutexLock lock(&mutex_);
    return loaded_;
  }
  // Waits, without asking for anything, until so many have been asked for.
  void AwaitLoaded(size_t count) const {
    absl::MutexLock lock(&mutex_);
    const auto there = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return loaded_.size() >= count; };
    mutex_.Await(absl::Condition(&there));
  }

  int64_t damaged = -1, throwing = -1;

 private:
  mutable absl::Mutex mutex_;
  mutable std::vector<int64_t> loaded_ ABSL_GUARDED_BY(mutex_);
};

TEST(BlockLoaderTest, ReadsTheNextBlockWithoutBeingAskedForIt) {
  const ThreeBlocks model;
  NoWeights weights;
  BlockLoader loader(model, weights, LoadAhead::kOne);
  loader.Start();
  model.AwaitLoaded(1);
  for (size_t layer = 0; layer < 3; ++layer) {
    ASSERT_OK(loader.Next().status());
    loader.Start();
    model.AwaitLoaded(std::min<size_t>(layer + 2, 3));
  }
  EXPECT_THAT(model.loaded(), ElementsAre(0, 1, 2)) << "each once, none beyond the last";
}

TEST(BlockLoaderTest, ReadsNoBlockAheadWhereItMustNot) {
  const ThreeBlocks model;
  NoWeights weights;
  BlockLoader loader(model, weights, LoadAhead::kNone);
  loader.Start();
  EXPECT_THAT(model.loaded(), ElementsAre());
  ASSERT_OK(loader.Next().status());
  loader.Start();
  loader.Stop();
  EXPECT_THAT(model.loaded(), ElementsAre(0));
}

TEST(BlockLoaderTest, AnErrorComesWithTheBlockThatHasIt) {
  ThreeBlocks model;
  model.damaged = 1;
  NoWeights weights;
  BlockLoader loader(model, weights, LoadAhead::kOne);
  loader.Start();
  ASSERT_OK(loader.Next().status());
  loader.Start();
  EXPECT_STATUS(loader.Next(), kDataLoss, "layer 1");
}

TEST(BlockLoaderTest, WhatIsThrownBecomesAStatus) {
  ThreeBlocks model;
  model.throwing = 0;
  NoWeights weights;
  BlockLoader loader(model, weights, LoadAhead::kOne);
  loader.Start();
  EXPECT_FALSE(loader.Next().ok());
}

TEST(BlockLoaderTest, StoppedItReadsNoMore) {
  const ThreeBlocks model;
  NoWeights weights;
  BlockLoader loader(model, weights, LoadAhead::kOne);
  loader.Start();
  loader.Stop();
  EXPECT_THAT(model.loaded(), ElementsAre(0));
}

}  // namespace
}  // namespace probesweep::worker
