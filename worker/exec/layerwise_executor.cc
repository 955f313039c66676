#include "worker/exec/layerwise_executor.h"

#include <ATen/ATen.h>

#include <atomic>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/status.h"
#include "worker/exec/finite.h"
#include "worker/exec/input_limits.h"
#include "worker/model/last_tokens.h"

namespace probesweep::worker {
namespace {

// What the embedding cannot look up: an id or a position beyond its tables.
absl::Status CheckFits(const Model& model, const Pack& pack) {
  PS_RETURN_IF_ERROR(CheckTokenIds(model, pack.ids));
  for (size_t statement = 0; statement < pack.slot.size(); ++statement) {
    const auto length = static_cast<int64_t>(pack.RowsOf(pack.slot[statement]).size());
    const std::string what = absl::StrCat("statement ", statement + 1, ": its ", length, " tokens");
    PS_RETURN_IF_ERROR(CheckPositions(model, length, what, "shorten it"));
  }
  return absl::OkStatus();
}

at::Tensor ToTensor(const std::vector<int64_t>& values) {
  return at::tensor(values, at::TensorOptions().dtype(at::kLong));
}

}  // namespace

struct LayerwiseExecutor::Streams {
  std::vector<at::Tensor> residual;    // per pack: [rows, hidden]
  std::vector<at::Tensor> last_token;  // per pack: [packed statements, hidden] after the present block
};

LayerwiseExecutor::LayerwiseExecutor(const Model& model, WeightSource& weights, std::vector<Pack> packs,
                                     const LayerwiseOptions& options, ComputePool* pool)
    : model_(model),
      weights_(weights),
      packs_(std::move(packs)),
      last_block_rows_(options.last_block_rows),
      pool_(pool),
      streams_(std::make_unique<Streams>()),
      loader_(model, weights, options.load_ahead) {}

LayerwiseExecutor::~LayerwiseExecutor() = default;

absl::StatusOr<std::unique_ptr<LayerwiseExecutor>> LayerwiseExecutor::Start(const Model& model,
                                                                            WeightSource& weights,
                                                                            std::vector<Pack> packs,
                                                                            const LayerwiseOptions& options,
                                                                            ComputePool* pool) {
  std::unique_ptr<LayerwiseExecutor> executor(
      new LayerwiseExecutor(model, weights, std::move(packs), options, pool));
  PS_RETURN_IF_ERROR(executor->Embed());
  return executor;
}

absl::Status LayerwiseExecutor::Embed() {
  const absl::Duration start = Clock::System()->Steady();
  PS_ASSIGN_OR_RETURN(const std::unique_ptr<Embedding> embedding, model_.LoadEmbedding(weights_));
  embedding_reading_ = Clock::System()->Steady() - start;
  loader_.Start();
  streams_->last_token.resize(packs_.size());
  for (const Pack& pack : packs_) {
    PS_RETURN_IF_ERROR(CheckFits(model_, pack));
    at::Tensor residual = at::empty({pack.rows(), model_.hidden_size()}, at::kFloat);
    const at::Tensor ids = ToTensor(pack.ids);
    int64_t first = 0;
    for (const PackedLayout& chunk : pack.chunks) {
      const int64_t rows = chunk.rows();
      residual.narrow(0, first, rows).copy_(embedding->Forward(ids.narrow(0, first, rows), chunk));
      first += rows;
    }
    streams_->residual.push_back(std::move(residual));
  }
  return absl::OkStatus();
}

absl::Status LayerwiseExecutor::LoadNextBlock() {
  block_.reset();
  PS_ASSIGN_OR_RETURN(block_, loader_.Next());
  ++layer_;
  loader_.Start();
  return absl::OkStatus();
}

absl::Status LayerwiseExecutor::RunBlock(absl::FunctionRef<bool()> cancelled) {
  std::atomic<bool> finite{true};
  JobGroup jobs(pool_);
  for (size_t index = 0; index < packs_.size(); ++index) {
    const Pack& pack = packs_[index];
    streams_->last_token[index] =
        at::empty({static_cast<int64_t>(pack.first_token.size()), model_.hidden_size()}, at::kFloat);
    Place place{nullptr, 0, 0};
    for (const PackedLayout& chunk : pack.chunks) {
      place.chunk = &chunk;
      jobs.Run([this, index, place, &finite] {
        if (finite && !RunChunk(index, place)) finite = false;
        return absl::OkStatus();
      });
      place.first_row += chunk.rows();
      place.first_statement += chunk.statements();
    }
  }
  const absl::Status status = jobs.Wait(cancelled);
  busy_ += jobs.busy();
  PS_RETURN_IF_ERROR(status);
  if (finite) return absl::OkStatus();
  loader_.Stop();
  return ExplainNonFinite(model_, layer_, weights_);
}

bool LayerwiseExecutor::RunChunk(size_t index, const Place& place) {
  at::Tensor rows = streams_->residual[index].narrow(0, place.first_row, place.chunk->rows());
  at::Tensor last = streams_->last_token[index].narrow(0, place.first_statement, place.chunk->statements());
  if (only_last_tokens()) {
    last.copy_(block_->ForwardLastTokens(rows, *place.chunk));
    return AllFinite(last);
  }
  rows.copy_(block_->Forward(rows, *place.chunk, /*cache=*/nullptr));
  last.copy_(LastTokenRows(rows, *place.chunk));
  return AllFinite(rows);
}

at::Tensor LayerwiseExecutor::Representations(size_t pack) const {
  return streams_->last_token[pack].index_select(0, ToTensor(packs_[pack].slot));
}

const at::Tensor& LayerwiseExecutor::Residual(size_t pack) const { return streams_->residual[pack]; }

}  // namespace probesweep::worker
