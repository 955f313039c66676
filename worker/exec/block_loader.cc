#include "worker/exec/block_loader.h"

#include <utility>

#include "common/clock.h"
#include "worker/exec/torch_boundary.h"

namespace probesweep::worker {

BlockLoader::Loaded BlockLoader::Load(int64_t layer) const {
  const absl::Duration start = Clock::System()->Steady();
  std::unique_ptr<Block> block;
  const absl::Status status = RunTorch([&] {
    absl::StatusOr<std::unique_ptr<Block>> loaded = model_.LoadBlock(weights_, layer);
    if (loaded.ok()) block = *std::move(loaded);
    return loaded.status();
  });
  const absl::Duration took = Clock::System()->Steady() - start;
  if (!status.ok()) return {status, took};
  return {std::move(block), took};
}

void BlockLoader::Start() {
  if (ahead_ == LoadAhead::kNone || upcoming_.valid() || next_ >= model_.layers()) return;
  // A thread for each block: what it costs is nothing beside the reading.
  upcoming_ = std::async(std::launch::async, [this, layer = next_] { return Load(layer); });
}

absl::StatusOr<std::unique_ptr<Block>> BlockLoader::Next() {
  Loaded loaded = upcoming_.valid() ? upcoming_.get() : Load(next_);
  busy_ += loaded.took;
  if (!loaded.block.ok()) return loaded.block.status();
  ++next_;
  return std::move(loaded.block);
}

void BlockLoader::Stop() {
  if (upcoming_.valid()) busy_ += upcoming_.get().took;
}

}  // namespace probesweep::worker
