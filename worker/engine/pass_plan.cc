#include "worker/engine/pass_plan.h"

#include <algorithm>
#include <string>

#include "worker/engine/train_rows.h"

namespace probesweep::worker {
namespace {

double Real(int64_t count) { return static_cast<double>(count); }

void AddForward(const PlanInput& input, const PlannedDimension& dimension, PassPlan& plan) {
  constexpr double kValuesOfHidden = 8;  // norms, sums and copies, in multiples of the hidden size
  constexpr double kValuesOfScore = 3;   // product, mask, softmax
  const double rows = Real(dimension.rows), distinct = Real(dimension.distinct);
  for (size_t layer = 0; layer < input.blocks.size(); ++layer) {
    const BlockShape& block = input.blocks[layer];
    const bool last = layer + 1 == input.blocks.size();
    const double finished = last ? distinct : rows;  // rows that go through all of the block
    const double rest = Real(block.attention_output + block.mlp);
    plan.product_flops += 2 * (Real(block.query_key_value) * rows + rest * finished);
    const double attended = Real(last ? dimension.last_seen : dimension.attended);
    plan.attention_flops += 4 * attended * Real(block.attention_width);
    const double hidden = Real(input.hidden);
    plan.values += Real(block.query_key_value) / hidden * rows + rest / hidden * finished +
                   kValuesOfHidden * hidden * finished + kValuesOfScore * Real(block.heads) * attended;
  }
}

// One probe's fit of a layer: worker/analysis/newton_probe.cc.
void AddProbe(double rows, double hidden, bool truncated, double count, PassPlan& plan) {
  constexpr double kNewtonSteps = 8;      // as representations take them
  constexpr double kStreamedReads = 100;  // products with X, in gathered reads' time for each element
  if (truncated) {
    plan.analysis_reads += count * kStreamedReads * rows * hidden;
  } else if (rows > hidden) {
    plan.analysis_flops += count * kNewtonSteps * (2 * rows * hidden * hidden + hidden * hidden * hidden / 3);
  } else {
    plan.analysis_flops += count * (2 * rows * rows * hidden + kNewtonSteps * rows * rows * rows / 3);
  }
}

// One layer of one dimension.
void AddAnalysis(const std::string& protocol, const PlannedDimension& dimension, int64_t hidden_size,
                 const AnalysisConfig& config, PassPlan& plan) {
  const int64_t train = TrainRows(protocol, dimension.statements);
  const double rows = Real(train), hidden = Real(hidden_size);
  const bool calibrated = protocol == "calibrated";
  AddProbe(rows, hidden, NewtonIsTruncated(train, hidden_size), calibrated ? 2 * Real(config.splits) : 1,
           plan);
  if (protocol != "paper") {
    // Half of the kernel, its factor and its inverse.
    plan.analysis_flops += rows * rows * hidden + rows * rows * rows;
  }
  const double estimators =
      Real(static_cast<int64_t>(config.estimators.size())) + (protocol == "paper" ? 1 : 0);
  plan.analysis_flops += 3 * estimators * rows * rows * hidden;
  if (!calibrated) return;
  const double permutations = Real(config.permutations);
  plan.analysis_reads += permutations * rows * rows / 2;
  plan.analysis_flops += 2 * permutations * rows * rows;
}

}  // namespace

PassPlan PlanPass(const PlanInput& input) {
  PassPlan plan;
  plan.threads = std::max(1, input.threads);
  plan.bytes_to_read = input.embedding_stored_bytes;
  for (const BlockShape& block : input.blocks) plan.bytes_to_read += block.stored_bytes;
  for (const PlannedDimension& dimension : input.dimensions) {
    plan.statements += dimension.statements;
    plan.tokens += dimension.tokens;
    plan.rows += dimension.rows;
    AddForward(input, dimension, plan);
    PassPlan layer;
    for (const std::string& protocol : input.analysis.protocols) {
      AddAnalysis(protocol, dimension, input.hidden, input.analysis, layer);
      const int64_t splits = protocol == "calibrated" ? input.analysis.splits : 1;
      plan.surface_texts += Real(splits * dimension.statements);
    }
    plan.analysis_flops += layer.analysis_flops * Real(static_cast<int64_t>(input.blocks.size()));
    plan.analysis_reads += layer.analysis_reads * Real(static_cast<int64_t>(input.blocks.size()));
  }
  plan.memory = PlanMemory(input);
  return plan;
}

// What products do not reach of sgemm's rate, and what else takes how long, was measured (docs/cli.md).
PassTimes ExpectedTimes(const PassPlan& plan, const MachineRates& rates) {
  constexpr double kShareOfSgemm = 0.85;
  constexpr double kShareOfDgemm = 0.7;
  constexpr double kValuesPerSecond = 1e9;
  constexpr double kReadsPerSecond = 1.2e9;
  constexpr double kTokensPerSecond = 1e6;
  constexpr double kTextsPerSecond = 1e5;
  PassTimes times;
  times.load = absl::Seconds(Real(plan.bytes_to_read) / rates.read);
  times.tokenize = absl::Seconds(Real(plan.tokens) / kTokensPerSecond + plan.surface_texts / kTextsPerSecond);
  times.forward =
      absl::Seconds(plan.forward_flops() / (kShareOfSgemm * rates.sgemm) + plan.values / kValuesPerSecond);
  const double dgemm = rates.sgemm / 2;
  times.analyse =
      absl::Seconds(plan.analysis_flops / (kShareOfDgemm * dgemm) + plan.analysis_reads / kReadsPerSecond);
  times.pass = times.tokenize + std::max(times.load, (times.forward + times.analyse) / plan.threads);
  return times;
}

}  // namespace probesweep::worker
