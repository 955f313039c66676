#include "worker/engine/opened_checkpoint.h"

#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "worker/checkpoint/config_file.h"
#include "worker/model/block_tensors.h"

namespace probesweep::worker {
namespace {

// Before anything is sized by the number of layers: config.json is as untrusted as the rest.
absl::Status CheckLastBlockIsThere(const ConfigFile& config, const OpenedCheckpoint& opened) {
  const int64_t last = opened.model->layers() - 1;
  const bool enough = last < static_cast<int64_t>(opened.weights->Names().size());
  if (enough && !BlockTensors(*opened.model, last, *opened.weights).empty()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      config.path(), " names ", opened.model->layers(), " layers, but the weights hold no tensor '",
      opened.model->BlockPrefix(last), "…'; files are missing, or of another model"));
}

}  // namespace

absl::StatusOr<OpenedCheckpoint> OpenCheckpoint(const std::string& folder) {
  PS_ASSIGN_OR_RETURN(const ConfigFile config, ConfigFile::Open(folder));
  OpenedCheckpoint opened;
  PS_ASSIGN_OR_RETURN(opened.model, CreateModel(config));
  PS_ASSIGN_OR_RETURN(opened.weights, OpenWeights(folder));
  PS_RETURN_IF_ERROR(CheckLastBlockIsThere(config, opened));
  return opened;
}

}  // namespace probesweep::worker
