#include "worker/inspect/pass_preview.h"

#include <filesystem>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/status.h"
#include "dataset/statements.h"
#include "worker/engine/opened_checkpoint.h"
#include "worker/engine/plan_input.h"
#include "worker/engine/process_memory.h"
#include "worker/exec/compute_pool.h"
#include "worker/exec/input_limits.h"
#include "worker/exec/machine_rates.h"
#include "worker/text/tokenizer.h"

namespace probesweep::worker {
namespace {

const absl::Duration kToMeasure = absl::Milliseconds(250);

absl::Status CheckIds(const absl::StatusOr<TokenIds>& ids, const Model& model) {
  PS_RETURN_IF_ERROR(ids.status());
  if (ids->empty()) return absl::InvalidArgumentError("the text has no tokens; remove the row");
  PS_RETURN_IF_ERROR(CheckTokenIds(model, *ids));
  return CheckPositions(model, static_cast<int64_t>(ids->size()),
                        absl::StrCat("the text's ", ids->size(), " tokens"), "shorten or remove the row");
}

absl::StatusOr<std::vector<TokenIds>> Encode(const std::string& path, const Tokenizer& tokenizer,
                                             const Model& model, int threads) {
  PS_ASSIGN_OR_RETURN(const std::string csv, ReadFile(path));
  PS_ASSIGN_OR_RETURN(const Statements statements, ReadStatements(csv, path, Grouping{}));
  std::vector<TokenIds> encoded;
  for (absl::StatusOr<TokenIds>& ids : tokenizer.EncodeBatch(statements.texts, threads)) {
    PS_RETURN_IF_ERROR(
        Annotate(CheckIds(ids, model), absl::StrCat(path, ", statement ", encoded.size() + 1)));
    encoded.push_back(*std::move(ids));
  }
  return encoded;
}

absl::Status MeasureRates(const std::string& folder, const OpenedCheckpoint& checkpoint, ComputePool& pool,
                          MachineRates& rates) {
  if (!(rates.sgemm > 0)) {
    PS_ASSIGN_OR_RETURN(rates.sgemm, MeasureSgemmRate(&pool, kToMeasure));
  }
  if (rates.read > 0) return absl::OkStatus();
  PS_ASSIGN_OR_RETURN(const auto weights, OpenWeights(folder, checkpoint.model->Naming()));
  PS_ASSIGN_OR_RETURN(rates.read, MeasureReadRate(*weights, checkpoint.summary.blocks.front(), kToMeasure));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PassPreview> PreviewPass(const std::string& folder, const PreviewOptions& options) {
  PS_RETURN_IF_ERROR(options.analysis.Validate());
  ComputePool pool(options.threads);
  PS_ASSIGN_OR_RETURN(const OpenedCheckpoint checkpoint, OpenCheckpoint(folder));
  PS_ASSIGN_OR_RETURN(PlanInput input, DescribeCheckpoint(checkpoint, folder));
  PassPreview preview;
  preview.rates = options.rates;
  {
    PS_ASSIGN_OR_RETURN(const std::unique_ptr<Tokenizer> tokenizer, Tokenizer::Open(folder));
    const PackOptions pack_options = PackOptionsFor(*checkpoint.model);
    std::vector<Pack> packs;  // a pass keeps them, too
    for (const std::string& path : options.datasets) {
      PS_ASSIGN_OR_RETURN(const std::vector<TokenIds> statements,
                          Encode(path, *tokenizer, *checkpoint.model, pool.threads()));
      packs.push_back(BuildPack(statements, pack_options));
      const std::string name = std::filesystem::path(path).stem().string();
      input.dimensions.push_back(DescribeDimension(name, statements, packs.back()));
    }
    input.process_bytes = ResidentBytes();
  }
  input.analysis = options.analysis;
  input.threads = pool.threads();
  preview.plan = PlanPass(input);
  preview.dimensions = std::move(input.dimensions);
  PS_RETURN_IF_ERROR(MeasureRates(folder, checkpoint, pool, preview.rates));
  preview.times = ExpectedTimes(preview.plan, preview.rates);
  return preview;
}

}  // namespace probesweep::worker
