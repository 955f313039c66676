#include "worker/engine/opened_checkpoint.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "worker/checkpoint/config_file.h"

namespace probesweep::worker {
namespace {

// Before anything is sized by the number of layers: config.json is as untrusted as the rest.
absl::Status CheckLastBlockIsThere(const ConfigFile& config, const OpenedCheckpoint& opened) {
  const std::string prefix = opened.model->BlockPrefix(opened.model->layers() - 1);
  const std::vector<std::string> names = opened.weights->Names();
  const bool there = std::any_of(names.begin(), names.end(),
                                 [&](const std::string& name) { return absl::StartsWith(name, prefix); });
  if (there) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(config.path(), " names ", opened.model->layers(),
                                          " layers, but the weights hold no tensor '", prefix,
                                          "…'; files are missing, or of another model"));
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
