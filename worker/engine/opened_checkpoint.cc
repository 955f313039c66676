#include "worker/engine/opened_checkpoint.h"

#include "common/status.h"
#include "worker/checkpoint/config_file.h"

namespace probesweep::worker {

absl::StatusOr<OpenedCheckpoint> OpenCheckpoint(const std::string& folder) {
  PS_ASSIGN_OR_RETURN(const ConfigFile config, ConfigFile::Open(folder));
  OpenedCheckpoint opened;
  PS_ASSIGN_OR_RETURN(opened.model, CreateModel(config));
  PS_ASSIGN_OR_RETURN(opened.weights, OpenWeights(folder, opened.model->Naming()));
  auto summary = CheckWeights(*opened.model, *opened.weights);
  if (!summary.ok()) return Annotate(summary.status(), folder);
  opened.summary = *std::move(summary);
  return opened;
}

}  // namespace probesweep::worker
