#include "worker/inspect/checkpoint_report.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "worker/checkpoint/config_file.h"
#include "worker/engine/opened_checkpoint.h"
#include "worker/exec/pack.h"
#include "worker/exec/torch_boundary.h"
#include "worker/model/threads.h"
#include "worker/text/tokenizer.h"
#include "worker/text/tokenizer_files.h"
#include "worker/text/tokenizer_kind.h"

namespace probesweep::worker {
namespace {

constexpr int64_t kFloatBytes = sizeof(float);

int64_t FileBytes(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<int64_t>(size);
}

// Reads what the model reads and keeps nothing of it. The digest is that of results: without the head.
absl::Status Fingerprint(const OpenedCheckpoint& opened, WeightsReport& report) {
  return RunTorch([&]() -> absl::Status {
    PS_RETURN_IF_ERROR(opened.model->LoadEmbedding(*opened.weights).status());
    for (int64_t layer = 0; layer < opened.model->layers(); ++layer) {
      PS_RETURN_IF_ERROR(opened.model->LoadBlock(*opened.weights, layer).status());
    }
    report.content_digest = opened.weights->ContentDigest();
    if (opened.summary.head.ok()) PS_RETURN_IF_ERROR(opened.model->LoadHead(*opened.weights).status());
    report.fingerprints = opened.weights->Fingerprints();
    return absl::OkStatus();
  });
}

WeightsReport DescribeWeights(const OpenedCheckpoint& opened) {
  const CheckpointWeights& weights = *opened.weights;
  WeightsReport report;
  report.files = weights.store().Paths();
  for (const std::string& path : report.files) report.bytes += FileBytes(path);
  for (const std::string& name : weights.store().Names()) {
    const TensorInfo tensor = *weights.store().Find(name);
    report.dtypes[DTypeName(tensor.dtype)] += static_cast<int64_t>(ElementCount(tensor.shape).value_or(0));
  }
  report.body_parameters = opened.summary.body_parameters;
  report.head_parameters = opened.summary.head_parameters;
  report.tied = opened.model->Naming().tied;
  report.leftovers = weights.LeftoversOf(opened.summary.tensors);
  report.head = opened.summary.head;
  return report;
}

// Mutual information takes kernels over the train rows, four fifths of the statements: one is kept for layer
// 0, and each job under way has a kernel, its factor and its inverse, and torch's copy of one of them.
int64_t AnalysisBytes(int64_t statements, int64_t jobs) {
  constexpr int64_t kKernelsOfAJob = 4;
  const int64_t rows = statements * 4 / 5;
  return (1 + jobs * kKernelsOfAJob) * rows * rows * static_cast<int64_t>(sizeof(double));
}

// Every value that a chunk's tokens pass through is an output of one of the block's linear maps, whose
// parameters are about that many times the hidden size.
MemoryReport EstimateMemory(const OpenedCheckpoint& opened, const ReportOptions& options) {
  const int64_t hidden = opened.model->hidden_size();
  const int64_t embedding = opened.model->vocab_size() * hidden * kFloatBytes;
  const int64_t block = opened.summary.largest_block_bytes;
  const int64_t chunks = options.threads > 0 ? options.threads : UsableCores();
  MemoryReport memory;
  memory.tokens = options.tokens;
  memory.weights = std::max(embedding, block);
  memory.activations = chunks * std::min(ChunkRows(hidden), options.tokens) * (block / hidden);
  memory.residual_stream = options.tokens * hidden * kFloatBytes;
  memory.statements = options.statements;
  memory.analysis = AnalysisBytes(options.statements, chunks);
  return memory;
}

void InspectWeights(const std::string& folder, const ReportOptions& options, CheckpointReport& report) {
  const auto opened = OpenCheckpoint(folder);
  if (!opened.ok()) {
    report.problems.push_back(opened.status());
    return;
  }
  const Model& model = *opened->model;
  report.model = ModelReport{model.layers(), model.hidden_size(), model.vocab_size(), model.max_positions()};
  report.weights = DescribeWeights(*opened);
  report.memory = EstimateMemory(*opened, options);
  if (!report.weights->head.ok()) {
    report.notes.push_back(absl::StrCat("no logits and no generation: ", report.weights->head.message()));
  }
  if (!options.fingerprints) return;
  const absl::Status read = Fingerprint(*opened, *report.weights);
  if (!read.ok()) report.problems.push_back(read);
}

absl::StatusOr<TokenizerReport> InspectTokenizer(const std::string& folder) {
  PS_ASSIGN_OR_RETURN(TokenizerSource source, ReadTokenizerFiles(folder));
  TokenizerReport report{std::filesystem::path(source.name).filename().string(), TokenizerKind(source.json), 0};
  PS_ASSIGN_OR_RETURN(const std::unique_ptr<Tokenizer> tokenizer, Tokenizer::FromSource(std::move(source)));
  report.tokens = tokenizer->vocab_size();
  return report;
}

}  // namespace

CheckpointReport InspectCheckpoint(const std::string& folder, const ReportOptions& options) {
  CheckpointReport report;
  const auto config = ConfigFile::Open(folder);
  if (!config.ok()) {
    report.problems.push_back(config.status());
    return report;
  }
  report.model_type = config->model_type();
  if (auto architectures = config->Strings({"architectures"}); architectures.ok()) {
    report.architectures = *std::move(architectures);
  }
  InspectWeights(folder, options, report);
  auto tokenizer = InspectTokenizer(folder);
  if (tokenizer.ok()) {
    report.tokenizer = *std::move(tokenizer);
  } else {
    report.problems.push_back(tokenizer.status());
  }
  const bool foreign =
      report.tokenizer && report.model && report.tokenizer->tokens > report.model->vocab_size;
  if (foreign) {
    report.notes.push_back(absl::StrCat("the tokenizer has ", report.tokenizer->tokens,
                                        " tokens, the model embeddings for ", report.model->vocab_size,
                                        ": a text that needs one of the others is refused"));
  }
  return report;
}

}  // namespace probesweep::worker
