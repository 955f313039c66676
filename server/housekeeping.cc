#include "server/housekeeping.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "common/logging.h"
#include "server/store/blob_collector.h"

namespace probesweep::server {

Housekeeping::Housekeeping(const HousekeepingOptions& options, Parts parts)
    : options_(options), parts_(std::move(parts)) {
  Measure();
  measurements_ = std::make_unique<RepeatingTask>(options_.measure_interval, [this] { Measure(); });
  collections_ = std::make_unique<RepeatingTask>(options_.collect_interval, [this] { Collect(); });
}

Housekeeping::~Housekeeping() { stopping_ = true; }

void Housekeeping::Collect() {
  const absl::StatusOr<RemovedBlobs> removed =
      RemoveUnusedBlobs(*parts_.store, *parts_.blobs, parts_.clock->Now() - options_.blob_age,
                        [this] { return !stopping_.load(); });
  if (!removed.ok()) {
    spdlog::warn("unused blobs are kept, will try again: {}", removed.status().message());
    return;
  }
  parts_.metrics->OnBlobsRemoved(removed->blobs, removed->bytes);
  if (removed->blobs > 0) {
    spdlog::info("removed {} blobs that nothing refers to: {} bytes", removed->blobs, removed->bytes);
  }
}

void Housekeeping::Measure() {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(parts_.data_folder, error);
  if (error) {
    spdlog::warn("the free space of {} is not known: {}", parts_.data_folder, error.message());
    return;
  }
  parts_.metrics->OnDataSpace(static_cast<int64_t>(space.available), static_cast<int64_t>(space.capacity));
}

}  // namespace probesweep::server
