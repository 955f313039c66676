#include "worker/engine/pass_plan.h"

#include <gtest/gtest.h>

namespace probesweep::worker {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20;

// Two blocks of a hidden size of 8, with numbers that stay apart in sums.
PlanInput Small() {
  BlockShape block;
  block.parameters = block.load_parameters = 1000;
  block.stored_bytes = 2000;
  block.query_key_value = 192;  // 8 × 24
  block.attention_output = 64;
  block.mlp = 512;
  block.attention_width = 8;
  block.heads = 2;
  block.mlp_values = 64;
  block.mlp_arrays = 2;
  PlanInput input;
  input.blocks = {block, block};
  input.hidden = 8;
  input.embedding_parameters = 400;
  input.embedding_stored_bytes = 800;
  PlannedDimension dimension;
  dimension.name = "d";
  dimension.statements = 10;
  dimension.distinct = 9;
  dimension.tokens = 50;
  dimension.rows = 30;
  dimension.attended = 250;
  dimension.last_seen = 45;
  dimension.chunk_rows = 30;
  dimension.chunk_tokens = 45;
  dimension.run_tokens = 20;
  dimension.run_attended = 100;
  input.dimensions = {dimension};
  input.analysis.protocols = {"released"};
  input.process_bytes = 5000;
  return input;
}

TEST(PassPlanTest, CountsWhatIsReadAndComputed) {
  PlanInput input = Small();
  PassPlan plan = PlanPass(input);
  EXPECT_EQ(plan.bytes_to_read, 800 + 2 * 2000);
  EXPECT_EQ(plan.statements, 10);
  EXPECT_EQ(plan.tokens, 50);
  EXPECT_EQ(plan.rows, 30);
  // The first block is for all rows; of the last one the output projection and the MLP are for last tokens.
  EXPECT_EQ(plan.product_flops, 2 * (768 * 30 + 192 * 30 + (64 + 512) * 9));
  // Two products of a head's width for each pair of tokens.
  EXPECT_EQ(plan.attention_flops, 4 * 8 * (250 + 45));
  input.dimensions.push_back(input.dimensions[0]);
  plan = PlanPass(input);
  EXPECT_EQ(plan.rows, 60);
  EXPECT_EQ(plan.bytes_to_read, 4800) << "dimensions share the weights";
  EXPECT_EQ(plan.attention_flops, 2 * 4 * 8 * (250 + 45));
}

TEST(PassPlanTest, CountsTheAnalysisOfEachProtocol) {
  PlanInput input = Small();
  // Per layer, of 8 train rows of 8 features: half a kernel and its factor and inverse; the probe's Gram
  // matrix and eight steps.
  const double kernel = 512 + 512, probe = 2 * 512 + 8 * 512.0 / 3;
  EXPECT_DOUBLE_EQ(PlanPass(input).analysis_flops, 2 * (kernel + probe));
  EXPECT_EQ(PlanPass(input).analysis_reads, 0);
  input.analysis.protocols = {"calibrated"};
  input.analysis.splits = 3;
  input.analysis.permutations = 10;
  EXPECT_DOUBLE_EQ(PlanPass(input).analysis_flops, 2 * (kernel + 6 * probe + 2 * 10 * 64))
      << "a probe and a control for each split";
  EXPECT_EQ(PlanPass(input).analysis_reads, 2 * 10 * 64 / 2);
  EXPECT_EQ(PlanPass(input).surface_texts, 3 * 10);
}

TEST(PassPlanTest, PlansMemoryItemByItem) {
  PlanInput input = Small();
  MemoryPlan memory = PlanPass(input).memory;
  EXPECT_EQ(memory.process, 5000);
  EXPECT_EQ(memory.embedding, 4 * 400);
  EXPECT_EQ(memory.weights, 4 * 2 * 1000) << "one block computes while the next is read";
  EXPECT_EQ(memory.residual_stream, 4 * 30 * 8);
  EXPECT_EQ(memory.representations, 4 * 8 * (9 + 10)) << "the present layer's and one under analysis";
  EXPECT_EQ(memory.kept, 8 * 8 * 8) << "the inverse over the train rows";
  // Norm and projections, their mixture for tokens and for rows, queries and mixture of a run, its scores:
  // less than five rows and the MLP's.
  const int64_t chunk = 4 * 30 * (5 * 8) + 4 * 30 * 64;
  EXPECT_EQ(memory.activations, chunk);
  // All rows standardized, and a Gram matrix with two copies.
  const int64_t analysis = 8 * 10 * 8 + 3 * 8 * 8 * 8;
  EXPECT_EQ(memory.analysis, analysis);
  const int64_t working = (chunk + analysis) * 11 / 10;  // small arrays, and room that they leave
  EXPECT_EQ(memory.working, working);
  EXPECT_EQ(memory.peak(), 5000 + 8000 + 960 + 608 + 512 + working);
  input.threads = 3;
  memory = PlanPass(input).memory;
  EXPECT_EQ(memory.activations, 3 * chunk);
  EXPECT_EQ(memory.analysis, analysis) << "the last layer's";
  EXPECT_EQ(memory.working, 3 * working);
}

// Layer 0 is analysed by itself: of three layers two are under analysis at once.
TEST(PassPlanTest, DeeperModelsHaveTwoLayersUnderAnalysis) {
  PlanInput input = Small();
  input.threads = 3;
  const MemoryPlan two = PlanPass(input).memory;
  input.blocks.push_back(input.blocks[0]);
  const MemoryPlan three = PlanPass(input).memory;
  EXPECT_EQ(three.analysis, 2 * two.analysis);
  EXPECT_EQ(three.representations, two.representations + 4 * 8 * 10);
  EXPECT_EQ(three.weights, two.weights);
  for (BlockShape& block : input.blocks) block.small_parameters = 300;
  EXPECT_EQ(PlanPass(input).memory.weights, two.weights + 4 * 300) << "left of the block before";
}

TEST(PassPlanTest, TheEmbeddingCountsWhereItIsLargerThanAllThatFollows) {
  PlanInput input = Small();
  input.embedding_parameters = 1'000'000;
  EXPECT_EQ(PlanPass(input).memory.peak(), 5000 + 960 + 4'000'000 + 4000) << "the first block is being read";
}

// What the allocator gives back is not there twice: threads with large kernels have none of a chunk's arrays.
TEST(PassPlanTest, LargeArraysAreHeldByOneJobOfAThreadAtATime) {
  PlanInput input = Small();
  input.blocks.push_back(input.blocks[0]);
  input.dimensions[0].statements = 5000;  // 4000 to train on: 122 MiB for a kernel
  const int64_t kernel = int64_t{4000} * 4000 * 8;
  input.blocks[0].mlp_values = 2.0 * 96 * kMiB / 4 / 30;  // two arrays of 96 MiB
  for (const auto& [threads, large] : std::initializer_list<std::pair<int, int64_t>>{
           {1, 2 * 96 * kMiB}, {2, 2 * 2 * 96 * kMiB}, {3, 3 * 2 * 96 * kMiB}}) {
    input.threads = threads;
    const int64_t working = PlanPass(input).memory.working;
    EXPECT_GE(working, large - kMiB) << threads;
    EXPECT_LT(working, large + threads * 3 * kMiB) << threads;
  }
  input.blocks[0].mlp_values = 64;
  input.threads = 3;
  const int64_t working = PlanPass(input).memory.working;
  EXPECT_GE(working, 2 * kernel) << "two layers";
  EXPECT_LT(working, 2 * kernel + 9 * kMiB);
}

TEST(PassPlanTest, KeepsWhatFurtherEstimatorsCompareWith) {
  PlanInput input = Small();
  input.analysis.protocols = {"paper"};
  EXPECT_EQ(PlanPass(input).memory.kept, 8 * 4 * 8) << "four rows to train on, and no inverse";
  input.analysis.protocols = {"released", "calibrated"};
  EXPECT_EQ(PlanPass(input).memory.kept, 2 * 8 * 64);
  input.analysis.estimators = {"cka"};
  EXPECT_EQ(PlanPass(input).memory.kept, 2 * 8 * 64 + 8 * 10 * 8 + 8 * 8 * 8);
}

TEST(PassPlanTest, ReadingGoesOnBesideComputing) {
  PassPlan plan;
  plan.threads = 2;
  plan.bytes_to_read = 1000;
  plan.product_flops = 0.85 * 4e9;
  plan.analysis_flops = 0.7 * 1e9;
  PassTimes times = ExpectedTimes(plan, {1e9, 500});
  EXPECT_EQ(times.load, absl::Seconds(2));
  EXPECT_NEAR(absl::ToDoubleSeconds(times.forward), 4, 1e-9);
  EXPECT_NEAR(absl::ToDoubleSeconds(times.analyse), 2, 1e-9) << "fp64 at half the rate";
  EXPECT_NEAR(absl::ToDoubleSeconds(times.pass), 3, 1e-9);
  times = ExpectedTimes(plan, {1e9, 100});
  EXPECT_NEAR(absl::ToDoubleSeconds(times.pass), 10, 1e-9);
}

}  // namespace
}  // namespace probesweep::worker
