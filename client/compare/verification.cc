#include "client/compare/verification.h"

#include <algorithm>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "dataset/shuffle.h"

namespace probesweep::client {
namespace {

// A name has at most so many bytes.
constexpr size_t kMaxNameBytes = 64;

// The sweep's own specification without checkpoints and dimensions.
v1::SweepSpec EmptySpec(const v1::Sweep& sweep, const std::string& recompute) {
  v1::SweepSpec spec = sweep.spec();
  spec.set_name(absl::StrCat("verify-", spec.name()).substr(0, kMaxNameBytes));
  spec.clear_checkpoints();
  spec.clear_dimensions();
  spec.mutable_analysis()->set_keep_probes(false);
  spec.mutable_analysis()->set_keep_steering_vectors(false);
  spec.mutable_analysis()->set_keep_representations(false);
  spec.set_recompute(recompute);
  return spec;
}

template <typename Named>
const Named* FindNamed(const google::protobuf::RepeatedPtrField<Named>& all, const std::string& name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Named& n) { return n.name() == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

std::vector<SweepCell> PickCells(const std::vector<v1::Task>& tasks, size_t count, uint64_t seed) {
  std::vector<int64_t> done;
  for (size_t i = 0; i < tasks.size(); ++i) {
    if (tasks[i].state() == v1::TASK_STATE_DONE) done.push_back(static_cast<int64_t>(i));
  }
  SeededRandom random(seed, kFirstFreeStream);
  Shuffle(done, random);
  if (done.size() > count) done.resize(count);
  std::sort(done.begin(), done.end());
  std::vector<SweepCell> cells;
  for (const int64_t i : done) {
    const v1::Task& task = tasks[static_cast<size_t>(i)];
    cells.emplace_back(task.checkpoint(), task.dimension());
  }
  return cells;
}

absl::StatusOr<std::vector<v1::SweepSpec>> PlanVerification(const v1::Sweep& sweep,
                                                            const std::vector<SweepCell>& cells,
                                                            const std::string& recompute) {
  std::map<std::string, std::set<std::string>> dimensions_of;  // by checkpoint
  for (const auto& [checkpoint, dimension] : cells) dimensions_of[checkpoint].insert(dimension);
  std::map<std::set<std::string>, v1::SweepSpec> specs;  // by dimensions
  for (const auto& [name, dimensions] : dimensions_of) {
    const v1::Checkpoint* const checkpoint = FindNamed(sweep.checkpoints(), name);
    if (checkpoint == nullptr) {
      return absl::FailedPreconditionError(absl::StrCat("the sweep has no checkpoint ", name));
    }
    auto [place, added] = specs.try_emplace(dimensions, EmptySpec(sweep, recompute));
    v1::SweepSpec& spec = place->second;
    spec.add_checkpoints()->set_pattern(checkpoint->path());
    if (!added) continue;
    for (const std::string& dimension : dimensions) {
      const v1::Dimension* const found = FindNamed(sweep.spec().dimensions(), dimension);
      if (found == nullptr) {
        return absl::FailedPreconditionError(absl::StrCat("the sweep has no dimension ", dimension));
      }
      *spec.add_dimensions() = *found;
    }
  }
  std::vector<v1::SweepSpec> planned;
  for (auto& [dimensions, spec] : specs) planned.push_back(std::move(spec));
  return planned;
}

std::map<std::string, std::string> CheckpointNames(const v1::Sweep& sweep, const v1::Sweep& verification) {
  std::map<std::string, std::string> by_path, names;
  for (const v1::Checkpoint& checkpoint : sweep.checkpoints()) by_path[checkpoint.path()] = checkpoint.name();
  for (const v1::Checkpoint& checkpoint : verification.checkpoints()) {
    const auto found = by_path.find(checkpoint.path());
    names[checkpoint.name()] = found == by_path.end() ? checkpoint.name() : found->second;
  }
  return names;
}

}  // namespace probesweep::client
