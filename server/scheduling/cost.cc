#include "server/scheduling/cost.h"

namespace probesweep::server {
namespace {

constexpr double kFixedSeconds = 1;  // registers, opens, commits: what the smallest model costs too
constexpr double kReadBytesPerSecond = 1e9;
constexpr double kOperationsPerSecond = 1e13;
constexpr double kBytesPerParameter = 2;
constexpr double kDatasetBytesPerToken = 4;
constexpr double kUsualCheckpointBytes = 2e9;
constexpr double kUsualDatasetBytes = 2e5;

double Known(int64_t bytes, double usual) { return bytes > 0 ? static_cast<double>(bytes) : usual; }

}  // namespace

double PassCost(int64_t checkpoint_bytes) {
  return kFixedSeconds + Known(checkpoint_bytes, kUsualCheckpointBytes) / kReadBytesPerSecond;
}

double TaskCost(int64_t checkpoint_bytes, int64_t dataset_bytes) {
  const double parameters = Known(checkpoint_bytes, kUsualCheckpointBytes) / kBytesPerParameter;
  const double tokens = Known(dataset_bytes, kUsualDatasetBytes) / kDatasetBytesPerToken;
  return kFixedSeconds + 2 * parameters * tokens / kOperationsPerSecond;
}

}  // namespace probesweep::server
