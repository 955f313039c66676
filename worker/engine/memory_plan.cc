#include "worker/engine/memory_plan.h"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "worker/engine/pass_plan.h"
#include "worker/engine/train_rows.h"

namespace probesweep::worker {
namespace {

constexpr int64_t kFloat = 4;
constexpr int64_t kDouble = 8;

// Layer 0 is analysed alone, then two at a time (engine/probing_pass.cc).
int64_t LayersUnderAnalysis(const PlanInput& input) { return input.blocks.size() > 2 ? 2 : 1; }

// What a job holds at its peak: arrays that outlive it in the allocator, and those that do not.
struct Work {
  int64_t small = 0, large = 0;

  int64_t bytes() const { return small + large; }
};

// Of a phase that holds these arrays at once.
Work Holding(const std::vector<int64_t>& arrays) {
  Work work;
  for (const int64_t bytes : arrays) (bytes > kKeptByAllocator ? work.large : work.small) += bytes;
  return work;
}

// Of phases that follow one another.
Work Larger(const Work& a, const Work& b) { return {std::max(a.small, b.small), std::max(a.large, b.large)}; }

std::vector<int64_t> With(std::vector<int64_t> arrays, const std::vector<int64_t>& more) {
  arrays.insert(arrays.end(), more.begin(), more.end());
  return arrays;
}

// Arrays of a probe's fit beside its features; see worker/analysis/newton_probe.cc.
std::vector<int64_t> ProbeArrays(int64_t rows, int64_t hidden, const std::string& solver) {
  constexpr int64_t kSketch = 385;
  if (solver != "exact") return {};
  if (NewtonIsTruncated(rows, hidden)) {
    const int64_t inside = rows * kSketch * kFloat;
    return {rows * hidden * kFloat, inside, inside, 3 * hidden * kSketch * kFloat};
  }
  if (rows > hidden) {
    const int64_t wide = rows * (hidden + 1) * kDouble;
    return {wide, wide, hidden * hidden * kDouble, hidden * hidden * kDouble};
  }
  const int64_t gram = rows * rows * kDouble;
  return {gram, gram, gram};
}

// Arrays of the estimators of dependence beside the sample.
Work Information(const std::vector<int64_t>& held, const std::string& protocol, int64_t rows, int64_t hidden,
                 const AnalysisConfig& config) {
  const int64_t centred = rows * hidden * kDouble;
  Work work;
  if (protocol != "paper") work = Holding(With(held, {centred, rows * rows * kDouble}));
  if (protocol == "paper" || !config.estimators.empty())
    work = Larger(work, Holding(With(held, {centred, centred})));
  return work;
}

// One protocol's analysis of a layer of `n` statements.
Work Analysis(const std::string& protocol, int64_t n, int64_t hidden, const AnalysisConfig& config) {
  const int64_t train = TrainRows(protocol, n);
  const int64_t whole = n * hidden, of_train = train * hidden, of_test = whole - of_train;
  std::vector<int64_t> standardized = {whole * kDouble};  // all rows, and its mask of constants
  Work work = Holding({whole * kDouble, whole});
  if (protocol != "released") {
    standardized = {of_train * kDouble};
    work = Larger(work, Holding({of_train * kFloat, of_train * kDouble, of_train}));
  }
  std::vector<int64_t> beside_probe = standardized;
  if (protocol == "calibrated") beside_probe.push_back(of_test * kDouble);
  work = Larger(work, Holding(With(beside_probe, ProbeArrays(train, hidden, config.solver))));
  return Larger(work, Information(standardized, protocol, train, hidden, config));
}

// What layer 0 leaves for the others: the inverse of its kernel, and its rows where an estimator wants them.
int64_t Kept(const std::string& protocol, int64_t n, int64_t hidden, const AnalysisConfig& config) {
  const int64_t rows = TrainRows(protocol, n);
  const int64_t inverse = protocol == "paper" ? 0 : rows * rows * kDouble;
  const bool sample = protocol == "paper" || !config.estimators.empty();
  return inverse + (sample ? (protocol == "released" ? n : rows) * hidden * kDouble : 0);
}

// Arrays of queries, keys and values: one where they are one product, else three.
std::vector<int64_t> Projected(const BlockShape& block, int64_t rows, int64_t hidden) {
  const int64_t all = rows * (block.query_key_value / hidden) * kFloat;
  if (block.fused_projections) return {all};
  const int64_t queries = rows * block.attention_width * kFloat;
  const int64_t keys = (all - queries) / 2;
  return {queries, keys, keys};
}

// One chunk on its way through a block: worker/model/decoder.cc and others.
Work Chunk(const PlannedDimension& dimension, const BlockShape& block, int64_t hidden) {
  const int64_t rows = dimension.chunk_rows;
  const int64_t row = rows * hidden * kFloat;
  const int64_t mixed = rows * block.attention_width * kFloat;
  const int64_t mixed_tokens = dimension.chunk_tokens * block.attention_width * kFloat;
  const int64_t of_run = dimension.run_tokens * block.attention_width * kFloat;
  const int64_t scores = block.heads * dimension.run_attended * kFloat;
  // The norm's output lives until the block ends.
  const std::vector<int64_t> attention =
      With(Projected(block, rows, hidden), {row, mixed_tokens, mixed, of_run, of_run, scores, scores});
  const auto mlp = static_cast<int64_t>(block.mlp_values * static_cast<double>(rows)) * kFloat;
  std::vector<int64_t> whole = {row, row, row, row, row};
  whole.insert(whole.end(), static_cast<size_t>(block.mlp_arrays), mlp / block.mlp_arrays);
  return Larger(Holding(attention), Holding(whole));
}

// The largest chunk of each kind.
Work LargestChunk(const PlanInput& input) {
  Work chunk;
  for (const PlannedDimension& dimension : input.dimensions) {
    for (const BlockShape& block : input.blocks) chunk = Larger(chunk, Chunk(dimension, block, input.hidden));
  }
  return chunk;
}

std::vector<Work> Analyses(const PlanInput& input) {
  std::vector<Work> works;
  for (const PlannedDimension& dimension : input.dimensions) {
    Work work;
    for (const std::string& protocol : input.analysis.protocols) {
      work = Larger(work, Analysis(protocol, dimension.statements, input.hidden, input.analysis));
    }
    works.insert(works.end(), static_cast<size_t>(LayersUnderAnalysis(input)), work);
  }
  return works;
}

// The most that `count` of the works hold at once.
int64_t MostAtOnce(std::vector<int64_t> works, int count) {
  std::sort(works.begin(), works.end(), std::greater<>());
  int64_t sum = 0;
  for (size_t i = 0; i < works.size() && i < static_cast<size_t>(count); ++i) sum += works[i];
  return sum;
}

void PlanJobs(const PlanInput& input, MemoryPlan& plan) {
  const Work chunk = LargestChunk(input);
  plan.activations = input.threads * chunk.bytes();
  int64_t small = 0;
  std::vector<int64_t> large(static_cast<size_t>(input.threads), chunk.large), analyses;
  for (const Work& work : Analyses(input)) {
    small = std::max(small, work.small);
    large.push_back(work.large);
    analyses.push_back(work.bytes());
  }
  plan.analysis = MostAtOnce(analyses, input.threads);
  // What chunks leave of small arrays seldom suits analyses, nor the other way round; and the ends of the
  // heaps that glibc parts a thread's memory into stay empty: as measured, about a tenth (bench/plan).
  const int64_t of_thread = (chunk.small + small) * 11 / 10;
  plan.working = input.threads * of_thread + MostAtOnce(large, input.threads);
}

}  // namespace

int64_t MemoryPlan::peak() const {
  const int64_t at_start = embedding + first_block;
  const int64_t under_way = weights + representations + kept + working;
  return process + residual_stream + std::max(at_start, under_way);
}

MemoryPlan PlanMemory(const PlanInput& input) {
  MemoryPlan plan;
  plan.process = input.process_bytes;
  plan.embedding = input.embedding_parameters * kFloat;
  for (size_t i = 0; i < input.blocks.size(); ++i) {
    const int64_t next = i + 1 < input.blocks.size() ? input.blocks[i + 1].load_parameters : 0;
    const int64_t dropped = i > 0 && next > 0 ? input.blocks[i - 1].small_parameters : 0;
    plan.weights = std::max(plan.weights, (input.blocks[i].parameters + next + dropped) * kFloat);
  }
  for (const PlannedDimension& dimension : input.dimensions) {
    plan.residual_stream += dimension.rows * input.hidden * kFloat;
    const int64_t layers = dimension.distinct + LayersUnderAnalysis(input) * dimension.statements;
    plan.representations += layers * input.hidden * kFloat;
    for (const std::string& protocol : input.analysis.protocols) {
      plan.kept += Kept(protocol, dimension.statements, input.hidden, input.analysis);
    }
  }
  if (!input.blocks.empty()) plan.first_block = input.blocks[0].load_parameters * kFloat;
  PlanJobs(input, plan);
  return plan;
}

}  // namespace probesweep::worker
