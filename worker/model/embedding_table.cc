#include "worker/model/embedding_table.h"

#include <ATen/ATen.h>

#include <optional>
#include <string>
#include <utility>

#include "common/status.h"
#include "worker/model/row_index.h"

namespace probesweep::worker {
namespace {

struct Parts {
  at::Tensor tokens;                 // [vocab, width]
  std::optional<Linear> projection;  // width → hidden
  at::Tensor positions;              // [positions, hidden]; or undefined
  std::optional<Norm> norm;
};

// Adds to each row of `x` [tokens, hidden] the row of `positions` that is its position's.
void AddPositions(const at::Tensor& positions, const PackedLayout& layout, at::Tensor& x) {
  if (layout.shared != nullptr) {
    x.add_(positions.index_select(0, RowIndex(layout.shared->position_of_row)));
    return;
  }
  int64_t first = 0;
  for (const LengthRun& run : layout.runs) {
    const int64_t rows = run.statements * run.length;
    x.narrow(0, first, rows)
        .view({run.statements, run.length, x.size(1)})
        .add_(positions.narrow(0, run.start, run.length));
    first += rows;
  }
}

class EmbeddingTable : public Embedding {
 public:
  explicit EmbeddingTable(Parts parts) : parts_(std::move(parts)) {}

  at::Tensor Forward(const at::Tensor& ids, const PackedLayout& layout) const override {
    at::Tensor x = parts_.tokens.index_select(0, ids);
    if (parts_.projection) x = (*parts_.projection)(x);
    if (parts_.positions.defined()) AddPositions(parts_.positions, layout, x);
    if (parts_.norm) x = (*parts_.norm)(x);
    return x;
  }

 private:
  const Parts parts_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Embedding>> LoadEmbeddingTable(WeightSource& weights, const ModelSizes& sizes,
                                                              const EmbeddingTableOptions& options) {
  const int64_t width = options.width == 0 ? sizes.hidden : options.width;
  Parts parts;
  PS_ASSIGN_OR_RETURN(parts.tokens,
                      weights.Read(std::string(options.tokens) + ".weight", {sizes.vocab, width}));
  if (options.projection != nullptr) {
    PS_ASSIGN_OR_RETURN(parts.projection,
                        LoadLinear(weights, options.projection, sizes.hidden, width, Bias::kNone));
  }
  if (options.positions != nullptr) {
    PS_ASSIGN_OR_RETURN(const at::Tensor all,
                        weights.Read(std::string(options.positions) + ".weight",
                                     {options.position_count + options.position_offset, sizes.hidden}));
    parts.positions = all.narrow(0, options.position_offset, options.position_count);
  }
  if (options.norm != nullptr) {
    PS_ASSIGN_OR_RETURN(parts.norm, Norm::Load(weights, options.norm, sizes.hidden, options.norm_options));
  }
  return std::make_unique<EmbeddingTable>(std::move(parts));
}

}  // namespace probesweep::worker
