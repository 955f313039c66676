#include "worker/engine/plan_input.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>

#include "absl/strings/match.h"
#include "common/status.h"
#include "worker/checkpoint/config_file.h"

namespace probesweep::worker {
namespace {

int64_t Elements(const WeightTensor& tensor) {
  return std::accumulate(tensor.shape.begin(), tensor.shape.end(), int64_t{1}, std::multiplies<>());
}

bool ContainsAny(const std::string& name, std::initializer_list<const char*> parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](const char* part) { return absl::StrContains(name, part); });
}

bool IsQueryKeyValue(const std::string& name) {
  return ContainsAny(name, {"query_key_value.", "q_proj.", "k_proj.", "v_proj.", ".c_attn."});
}

bool IsAttention(const std::string& name) { return ContainsAny(name, {"attn.", "attention."}); }

// "…experts.7." of "…experts.7.w1.weight"; "" of a tensor that is no expert's.
std::string ExpertOf(const std::string& name) {
  const std::string experts = ".experts.";
  const size_t place = name.find(experts);
  if (place == std::string::npos) return "";
  return name.substr(0, name.find('.', place + experts.size()) + 1);
}

// What the MLPs of a block come to, each expert by itself.
struct Mlps {
  int64_t dense = 0;    // products of what every row goes through
  int64_t experts = 0;  // of all experts together
  int64_t dense_tensors = 0, expert_tensors = 0;
  std::set<std::string> names;

  void Add(const WeightTensor& tensor) {
    const std::string expert = ExpertOf(tensor.name);
    (expert.empty() ? dense : experts) += Elements(tensor);
    ++(expert.empty() ? dense_tensors : expert_tensors);
    if (!expert.empty()) names.insert(expert);
  }
};

void FillMlp(const Mlps& mlps, int64_t hidden, const BlockFields& fields, BlockShape& block) {
  block.mlp = mlps.dense;
  // Every value is an output of a map from or into the hidden size: one for each such number of parameters.
  block.mlp_values = static_cast<double>(mlps.dense) / static_cast<double>(hidden);
  block.mlp_arrays = std::max<int64_t>(1, mlps.dense_tensors);
  if (mlps.names.empty()) return;
  const auto count = static_cast<int64_t>(mlps.names.size());
  block.mlp_arrays = std::max<int64_t>(1, mlps.expert_tensors / count);
  const int64_t chosen = fields.experts_of_row == 0 ? count : std::min(fields.experts_of_row, count);
  block.mlp += mlps.experts / count * chosen;
  // One expert after the other, each with its share of the rows.
  block.mlp_values += static_cast<double>(mlps.experts / count) / static_cast<double>(hidden) *
                      static_cast<double>(chosen) / static_cast<double>(count);
}

absl::StatusOr<BlockFields> ReadFields(const std::string& folder) {
  PS_ASSIGN_OR_RETURN(const ConfigFile config, ConfigFile::Open(folder));
  BlockFields fields;
  PS_ASSIGN_OR_RETURN(fields.heads, config.Size({"num_attention_heads", "n_head", "n_heads"}));
  const ConfigFile::Spellings experts = {"num_experts_per_tok"};
  if (config.Has(experts)) {
    PS_ASSIGN_OR_RETURN(fields.experts_of_row, config.Size(experts));
  }
  return fields;
}

}  // namespace

BlockShape ShapeOfBlock(const std::vector<WeightTensor>& tensors, int64_t hidden, const BlockFields& fields) {
  BlockShape block;
  block.heads = fields.heads;
  block.attention_width = hidden;
  Mlps mlps;
  for (const WeightTensor& tensor : tensors) {
    block.parameters += Elements(tensor);
    block.stored_bytes += tensor.stored_bytes;
    if (4 * Elements(tensor) <= kKeptByAllocator) block.small_parameters += Elements(tensor);
    if (tensor.shape.size() < 2) continue;
    if (IsQueryKeyValue(tensor.name)) {
      block.query_key_value += Elements(tensor);
      if (absl::StrContains(tensor.name, "q_proj.")) block.attention_width = Elements(tensor) / hidden;
      const bool one = ContainsAny(tensor.name, {"query_key_value.", ".c_attn."});
      block.fused_projections = block.fused_projections || one;
    } else if (IsAttention(tensor.name)) {
      block.attention_output += Elements(tensor);
    } else {
      mlps.Add(tensor);
    }
  }
  FillMlp(mlps, hidden, fields, block);
  // A fused product is read, parted by heads, and put together: three times there, before the rest is.
  block.load_parameters = std::max(block.parameters, block.fused_projections ? 3 * block.query_key_value : 0);
  return block;
}

absl::StatusOr<PlanInput> DescribeCheckpoint(const OpenedCheckpoint& checkpoint, const std::string& folder) {
  PlanInput input;
  input.hidden = checkpoint.model->hidden_size();
  PS_ASSIGN_OR_RETURN(const BlockFields fields, ReadFields(folder));
  for (const std::vector<WeightTensor>& tensors : checkpoint.summary.blocks) {
    input.blocks.push_back(ShapeOfBlock(tensors, input.hidden, fields));
  }
  for (const WeightTensor& tensor : checkpoint.summary.embedding) {
    input.embedding_parameters += Elements(tensor);
    input.embedding_stored_bytes += tensor.stored_bytes;
  }
  return input;
}

PlannedDimension DescribeDimension(const std::string& name,
                                   const std::vector<std::vector<int64_t>>& statements, const Pack& pack) {
  PlannedDimension dimension;
  dimension.name = name;
  dimension.statements = static_cast<int64_t>(statements.size());
  dimension.distinct = static_cast<int64_t>(pack.first_token.size());
  for (const std::vector<int64_t>& ids : statements) dimension.tokens += static_cast<int64_t>(ids.size());
  dimension.rows = pack.rows();
  for (const PackedLayout& chunk : pack.chunks) {
    dimension.chunk_rows = std::max(dimension.chunk_rows, chunk.rows());
    dimension.chunk_tokens = std::max(dimension.chunk_tokens, chunk.tokens());
    for (const LengthRun& run : chunk.runs) {
      const int64_t tokens = run.statements * run.length;
      dimension.last_seen += tokens;
      dimension.attended += tokens * run.length;
      dimension.run_tokens = std::max(dimension.run_tokens, tokens);
      dimension.run_attended = std::max(dimension.run_attended, tokens * run.length);
    }
  }
  return dimension;
}

}  // namespace probesweep::worker
