// What people ask of the coordinator.
#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/digest.h"
#include "common/log_fields.h"
#include "common/logging.h"
#include "common/status.h"
#include "server/domain/text.h"
#include "server/scheduling/reuse_key.h"
#include "server/service/core.h"
#include "server/store/sweep_json.h"

namespace probesweep::server {
namespace {

// A page of sweeps ends before it becomes so long, unless it is one sweep: it must fit into one message.
constexpr size_t kPageBytes = 8 << 20;

// About what a message with the sweep takes.
size_t BytesOf(const Sweep& sweep) {
  size_t bytes = 1'000;
  for (const CheckpointPattern& pattern : sweep.spec.checkpoints) bytes += pattern.pattern.size() + 20;
  for (const Dimension& dimension : sweep.spec.dimensions) {
    bytes += dimension.name.size() + dimension.dataset.size() + dimension.label_meaning.size() + 200;
  }
  for (const Checkpoint& checkpoint : sweep.checkpoints) {
    bytes += checkpoint.name.size() + checkpoint.path.size() + checkpoint.identity.size() + 30;
  }
  for (const std::string& warning : sweep.warnings) bytes += warning.size();
  return bytes;
}

// Reads a page token: the position at which the page starts.
absl::StatusOr<int64_t> ReadPageToken(const std::string& token, int64_t first_page) {
  int64_t position = first_page;
  if (!token.empty() && (!absl::SimpleAtoi(token, &position) || position < 0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("field `page_token`: '", token, "' is not a token that this coordinator gave"));
  }
  return position;
}

std::vector<Task> MakeTasks(const Sweep& sweep, const std::string& engine_version) {
  std::vector<Task> tasks;
  const size_t dimensions = sweep.spec.dimensions.size();
  for (size_t c = 0; c < sweep.checkpoints.size(); ++c) {
    for (size_t d = 0; d < dimensions; ++d) {
      Task task;
      task.id = absl::StrFormat("%s-%05d", sweep.id, c * dimensions + d);
      task.sweep_id = sweep.id;
      task.checkpoint = static_cast<int>(c);
      task.dimension = static_cast<int>(d);
      task.reuse_key =
          ReuseKey(sweep.spec, sweep.checkpoints[c], sweep.spec.dimensions[d], engine_version, task.id);
      tasks.push_back(std::move(task));
    }
  }
  return tasks;
}

}  // namespace

void CoordinatorCore::CreateSweep(const std::string& request_id, const SweepSpec& spec,
                                  absl::StatusOr<Plan> plan, Reply<SweepView> reply) {
  Answer<SweepView>(std::move(reply), MakeSweep(request_id, spec, std::move(plan)));
}

absl::StatusOr<SweepView> CoordinatorCore::MakeSweep(const std::string& request_id, const SweepSpec& spec,
                                                     absl::StatusOr<Plan> plan) {
  if (request_id.empty() || request_id.size() > 128) {
    return absl::InvalidArgumentError(
        "field `request_id`: must have 1 to 128 characters, chosen anew for each sweep");
  }
  PS_RETURN_IF_ERROR(CheckText(request_id, 128, "field `request_id`"));
  const std::string spec_digest = Sha256Hex(SpecToJson(spec));
  if (const SweepEntry* known = state_.FindRequest(request_id); known != nullptr) {
    if (known->sweep->spec_digest == spec_digest) return known->view();
    return absl::AlreadyExistsError(absl::StrCat("field `request_id`: '", request_id, "' made sweep ",
                                                 known->sweep->id,
                                                 ", which is another one; choose a new id"));
  }
  PS_RETURN_IF_ERROR(plan.status());
  std::vector<int64_t> dataset_bytes;
  for (const Dimension& dimension : spec.dimensions) {
    dataset_bytes.push_back(blob_size_(dimension.dataset_digest));
    if (dataset_bytes.back() > 0) continue;
    return absl::NotFoundError(absl::StrCat("dimension '", dimension.name, "': dataset ",
                                            dimension.dataset_digest,
                                            " is not uploaded; send it with PutBlob first"));
  }
  const TaskCounts& counts = state_.counts();
  const int64_t open = counts[TaskState::kReady] + counts[TaskState::kLeased] + counts[TaskState::kRetryWait];
  const int64_t wanted = static_cast<int64_t>(plan->checkpoints.size() * spec.dimensions.size());
  if (open + wanted > options_.max_open_tasks) {
    return absl::ResourceExhaustedError(absl::StrCat("the queue holds ", open, " open tasks of at most ",
                                                     options_.max_open_tasks, "; this sweep would add ",
                                                     wanted, ". Wait for sweeps to end, or cancel one"));
  }
  Sweep sweep;
  sweep.id = RandomId("sw", 12, *random_);
  sweep.sequence = state_.next_sequence();
  sweep.request_id = request_id;
  sweep.spec_digest = spec_digest;
  sweep.spec = spec;
  sweep.checkpoints = std::move(plan->checkpoints);
  sweep.warnings = std::move(plan->warnings);
  sweep.dataset_bytes = std::move(dataset_bytes);
  sweep.create_time = clock_->Now();
  std::vector<Task> tasks = MakeTasks(sweep, options_.engine_version);
  std::vector<std::string> keys;
  for (const Task& task : tasks) keys.push_back(task.reuse_key);
  // Asked before memory changes: a store that does not answer leaves nothing half made.
  PS_ASSIGN_OR_RETURN(const auto existing, KnownOutcomes(keys));
  SweepEntry& entry = state_.Add(std::move(sweep), std::move(tasks));
  MarkReused(entry, existing);
  spdlog::info("sweep {} '{}': {} checkpoints × {} dimensions, {} results known already{}", entry.sweep->id,
               entry.sweep->spec.name, entry.sweep->checkpoints.size(), entry.sweep->spec.dimensions.size(),
               entry.counts.reused, LogFields({{"sweep", entry.sweep->id}}));
  return entry.view();
}

absl::StatusOr<std::map<std::string, std::string>> CoordinatorCore::KnownOutcomes(
    const std::vector<std::string>& keys) {
  PS_ASSIGN_OR_RETURN(auto known, store_->ExistingOutcomes(keys));
  // Those of this step are stored together with what is made of them.
  for (const auto& [key, outcome] : new_outcomes_) known.emplace(key, outcome.checkpoint_digest);
  return known;
}

void CoordinatorCore::MarkReused(SweepEntry& entry, const std::map<std::string, std::string>& existing) {
  int reused = 0;
  for (Task& task : entry.tasks) {
    const auto outcome = existing.find(task.reuse_key);
    if (task.state != TaskState::kReady || outcome == existing.end()) continue;
    Must(state_.Change({&entry, &task}, event::Reused{outcome->second}));
    CompareDigests({&entry, &task});
    ++reused;
  }
  if (reused > 0) AfterStored([this, reused] { observer_->OnReused(reused); });
}

absl::StatusOr<SweepEntry*> CoordinatorCore::NeedSweep(const std::string& id) {
  SweepEntry* entry = state_.FindSweep(id);
  if (entry != nullptr) return entry;
  return absl::NotFoundError(
      absl::StrCat("sweep '", id, "' is not known; `probesweep sweep list` shows those that are"));
}

void CoordinatorCore::GetSweep(const std::string& id, Reply<SweepView> reply) {
  const absl::StatusOr<SweepEntry*> entry = NeedSweep(id);
  Answer<SweepView>(std::move(reply),
                    entry.ok() ? absl::StatusOr<SweepView>((*entry)->view()) : entry.status());
}

void CoordinatorCore::ListSweeps(int page_size, const std::string& page_token, Reply<Page<SweepView>> reply) {
  const size_t size = page_size <= 0 ? 100 : std::min<size_t>(static_cast<size_t>(page_size), 1000);
  const absl::StatusOr<int64_t> before = ReadPageToken(page_token, state_.next_sequence());
  if (!before.ok()) return Answer<Page<SweepView>>(std::move(reply), before.status());
  Page<SweepView> page;
  auto next = std::make_reverse_iterator(state_.sweeps().lower_bound(*before));
  size_t bytes = 0;
  for (; next != state_.sweeps().rend() && page.items.size() < size; ++next) {
    bytes += BytesOf(*next->second->sweep);
    if (bytes > kPageBytes && !page.items.empty()) break;
    page.items.push_back(next->second->view());
  }
  // The next page starts below the last one shown.
  if (next != state_.sweeps().rend()) page.next_token = absl::StrCat(page.items.back().sweep->sequence);
  Answer<Page<SweepView>>(std::move(reply), std::move(page));
}

void CoordinatorCore::ListTasks(const std::string& sweep_id, int page_size, const std::string& page_token,
                                Reply<Page<TaskView>> reply) {
  const size_t size = page_size <= 0 ? 1000 : std::min<size_t>(static_cast<size_t>(page_size), 10000);
  const absl::StatusOr<SweepEntry*> found = NeedSweep(sweep_id);
  if (!found.ok()) return Answer<Page<TaskView>>(std::move(reply), found.status());
  const absl::StatusOr<int64_t> start = ReadPageToken(page_token, 0);
  if (!start.ok()) return Answer<Page<TaskView>>(std::move(reply), start.status());
  const SweepEntry& entry = **found;
  Page<TaskView> page;
  const size_t begin = std::min(static_cast<size_t>(*start), entry.tasks.size());
  const size_t end = std::min(begin + size, entry.tasks.size());
  for (size_t i = begin; i < end; ++i) {
    const Task& task = entry.tasks[i];
    page.items.push_back({task, entry.sweep->checkpoints[static_cast<size_t>(task.checkpoint)].name,
                          entry.sweep->spec.dimensions[static_cast<size_t>(task.dimension)].name});
  }
  if (end < entry.tasks.size()) page.next_token = absl::StrCat(end);
  Answer<Page<TaskView>>(std::move(reply), std::move(page));
}

void CoordinatorCore::CancelSweep(const std::string& id, Reply<SweepView> reply) {
  const absl::StatusOr<SweepEntry*> found = NeedSweep(id);
  if (!found.ok()) return Answer<SweepView>(std::move(reply), found.status());
  SweepEntry& entry = **found;
  for (Task& task : entry.tasks) {
    if (!IsTerminal(task.state)) Must(state_.Change({&entry, &task}, event::Cancelled{}));
  }
  Answer<SweepView>(std::move(reply), entry.view());
}

void CoordinatorCore::RetrySweep(const std::string& id, Reply<SweepView> reply) {
  const absl::StatusOr<SweepEntry*> found = NeedSweep(id);
  if (!found.ok()) return Answer<SweepView>(std::move(reply), found.status());
  SweepEntry& entry = **found;
  std::vector<Task*> ended;
  std::vector<std::string> keys;
  for (Task& task : entry.tasks) {
    if (task.state != TaskState::kQuarantined && task.state != TaskState::kCancelled) continue;
    ended.push_back(&task);
    keys.push_back(task.reuse_key);
  }
  const auto existing = KnownOutcomes(keys);
  if (!existing.ok()) return Answer<SweepView>(std::move(reply), existing.status());
  for (Task* task : ended) Must(state_.Change({&entry, task}, event::OperatorRetry{}));
  MarkReused(entry, *existing);
  Answer<SweepView>(std::move(reply), entry.view());
}

void CoordinatorCore::DeleteSweep(const std::string& id, Reply<std::string> reply) {
  const absl::StatusOr<SweepEntry*> found = NeedSweep(id);
  if (!found.ok()) return Answer<std::string>(std::move(reply), found.status());
  if (StateOf((*found)->counts) == SweepState::kRunning) {
    return Answer<std::string>(
        std::move(reply),
        absl::FailedPreconditionError(
            absl::StrCat("sweep '", id, "' is still running; `probesweep sweep cancel ", id, "` first")));
  }
  state_.Remove(id);
  fair_share_.Forget(id);
  history_.Forget(id);
  Answer<std::string>(std::move(reply), id);
}

void CoordinatorCore::PlanResults(const std::string& sweep_id, const std::vector<std::string>& dimensions,
                                  Reply<ResultPlan> reply) {
  const absl::StatusOr<SweepEntry*> found = NeedSweep(sweep_id);
  if (!found.ok()) return Answer<ResultPlan>(std::move(reply), found.status());
  const SweepEntry& entry = **found;
  const std::vector<Dimension>& known = entry.sweep->spec.dimensions;
  for (const std::string& name : dimensions) {
    if (std::any_of(known.begin(), known.end(), [&](const Dimension& d) { return d.name == name; })) continue;
    return Answer<ResultPlan>(std::move(reply), absl::NotFoundError(absl::StrCat(
                                                    "sweep '", sweep_id, "' has no dimension '", name, "'")));
  }
  ResultPlan plan{entry.sweep, {}};
  for (const Task& task : entry.tasks) {
    const std::string& name = known[static_cast<size_t>(task.dimension)].name;
    const bool wanted =
        dimensions.empty() || std::find(dimensions.begin(), dimensions.end(), name) != dimensions.end();
    if (wanted && task.state == TaskState::kDone)
      plan.entries.push_back({task.checkpoint, task.dimension, task.reuse_key});
  }
  Answer<ResultPlan>(std::move(reply), std::move(plan));
}

}  // namespace probesweep::server
