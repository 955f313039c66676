#include "server/scheduling/planner.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/braces.h"
#include "common/digest.h"
#include "common/status.h"
#include "server/domain/text.h"
#include "server/scheduling/training_position.h"

namespace probesweep::server {
namespace {

constexpr size_t kMaxCheckpoints = 100'000;
// Of all checkpoints: a sweep must fit into one message, with a name and an identity beside each path.
constexpr size_t kMaxPathBytes = 12 << 20;
constexpr size_t kMaxPathLength = 4096;
// Further ones are only counted: they say the same.
constexpr size_t kMaxWarnings = 1'000;

// The path's last `components` folders, joined by '-'. Of a normal absolute path.
std::string NameOf(const std::string& path, int components) {
  size_t begin = path.size();
  for (int i = 0; i < components && begin > 0; ++i) begin = path.rfind('/', begin - 1);
  std::string name = path.substr(begin + 1);
  std::replace(name.begin(), name.end(), '/', '-');
  return name;
}

std::string Normal(const std::string& path) {
  std::string normal = std::filesystem::path(path).lexically_normal().string();
  while (normal.size() > 1 && normal.back() == '/') normal.pop_back();
  return normal;
}

absl::StatusOr<std::vector<std::string>> Paths(const CheckpointPattern& pattern, const FolderView& folders) {
  PS_ASSIGN_OR_RETURN(std::vector<std::string> expanded, ExpandBraces(pattern.pattern));
  std::vector<std::string> paths;
  for (const std::string& path : expanded) {
    if (path.find_first_of("*?[") == std::string::npos) {
      paths.push_back(Normal(path));
      continue;
    }
    PS_ASSIGN_OR_RETURN(std::vector<std::string> matches, folders.Glob(path));
    if (matches.empty()) {
      return absl::NotFoundError(absl::StrCat(
          "'", path,
          "' matches no folder on the coordinator's machine; check the path, or list the folders"));
    }
    for (const std::string& match : matches) paths.push_back(Normal(match));
  }
  return paths;
}

// A folder that exists may still have a name that no message, table or log can hold.
absl::Status CheckPath(const std::string& path) {
  if (path == "/") return absl::InvalidArgumentError("'/' is no checkpoint's folder");
  return CheckText(path, kMaxPathLength, "the folder's path");
}

void LimitWarnings(std::vector<std::string>& warnings) {
  if (warnings.size() <= kMaxWarnings) return;
  const size_t left_out = warnings.size() - kMaxWarnings;
  warnings.resize(kMaxWarnings);
  warnings.push_back(absl::StrCat("and ", left_out, " warnings more"));
}

// Gives every checkpoint the shortest ending of its path that no other one has.
void NameUniquely(std::vector<Checkpoint>& checkpoints) {
  std::vector<size_t> open(checkpoints.size());
  for (size_t i = 0; i < open.size(); ++i) open[i] = i;
  std::set<std::string> taken;
  for (int components = 1; !open.empty() && components < 32; ++components) {
    std::map<std::string, std::vector<size_t>> by_name;
    for (const size_t i : open) {
      checkpoints[i].name = NameOf(checkpoints[i].path, components);
      by_name[checkpoints[i].name].push_back(i);
    }
    open.clear();
    for (const auto& [name, owners] : by_name) {
      // "a/b" and "a-b" both end up as "a-b": the one named first keeps it.
      if (owners.size() > 1 || !taken.insert(name).second) {
        open.insert(open.end(), owners.begin(), owners.end());
      }
    }
  }
  std::map<std::string, int> last;  // number that a name was given; counting anew takes hours for many
  for (const size_t i : open) {
    const std::string name = checkpoints[i].name;
    int& n = last.emplace(name, 1).first->second;
    while (!taken.insert(checkpoints[i].name).second) checkpoints[i].name = absl::StrCat(name, "-", ++n);
  }
}

void SortByPosition(std::vector<Checkpoint>& checkpoints) {
  const auto all_have = [&](auto position) {
    return std::all_of(checkpoints.begin(), checkpoints.end(),
                       [&](const Checkpoint& c) { return position(c).has_value(); });
  };
  const auto step = [](const Checkpoint& c) { return c.step; };
  const auto tokens = [](const Checkpoint& c) { return c.tokens; };
  const auto sort_by = [&](auto position) {
    std::stable_sort(checkpoints.begin(), checkpoints.end(),
                     [&](const Checkpoint& a, const Checkpoint& b) { return *position(a) < *position(b); });
  };
  if (all_have(step)) {
    sort_by(step);
  } else if (all_have(tokens)) {
    sort_by(tokens);
  }
}

int64_t SumOfSizes(const std::vector<FileFact>& files) {
  uint64_t sum = 0;
  for (const FileFact& file : files) sum += std::min<uint64_t>(file.size, INT64_MAX - sum);
  return static_cast<int64_t>(sum);
}

void TakeIdentity(const FolderView& folders, Checkpoint& checkpoint, std::vector<std::string>& warnings) {
  const absl::StatusOr<std::vector<FileFact>> files = folders.Files(checkpoint.path);
  if (files.ok()) {
    checkpoint.identity = CheckpointIdentity(checkpoint.path, *files);
    checkpoint.bytes = SumOfSizes(*files);
    return;
  }
  warnings.push_back(absl::StrCat("checkpoint ", checkpoint.name, ": the coordinator cannot see it (",
                                  files.status().message(), "); its tasks fail unless the workers can"));
}

}  // namespace

std::string CheckpointIdentity(const std::string& path, const std::vector<FileFact>& files) {
  Sha256 digest;
  digest.UpdateField(path);
  for (const FileFact& file : files) {
    digest.UpdateField(file.name)
        .UpdateField(absl::StrCat(file.size))
        .UpdateField(absl::StrCat(file.modified_ns));
  }
  return digest.Hex();
}

absl::StatusOr<Plan> PlanCheckpoints(const SweepSpec& spec, const FolderView& folders) {
  Plan plan;
  std::set<std::string> seen;
  size_t path_bytes = 0;
  for (size_t i = 0; i < spec.checkpoints.size(); ++i) {
    const CheckpointPattern& pattern = spec.checkpoints[i];
    const std::string field = absl::StrCat("checkpoints[", i, "]");
    absl::StatusOr<std::vector<std::string>> paths = Paths(pattern, folders);
    if (!paths.ok()) return Annotate(paths.status(), field);
    if ((pattern.step || pattern.tokens) && paths->size() != 1) {
      return absl::InvalidArgumentError(absl::StrCat(field, ": step and tokens are given for ", paths->size(),
                                                     " folders; give them only with one"));
    }
    for (std::string& path : *paths) {
      PS_RETURN_IF_ERROR(Annotate(CheckPath(path), field));
      if (!seen.insert(path).second) {
        plan.warnings.push_back(absl::StrCat(path, " is listed twice; it is probed once"));
        continue;
      }
      path_bytes += path.size();
      TrainingPosition position = ReadTrainingPosition(NameOf(path, 1));
      if (pattern.step) position.step = pattern.step;
      if (pattern.tokens) position.tokens = pattern.tokens;
      if (!position.tokens && position.step && spec.tokens_per_step > 0 &&
          *position.step <= INT64_MAX / spec.tokens_per_step) {
        position.tokens = *position.step * spec.tokens_per_step;
      }
      plan.checkpoints.push_back({"", std::move(path), position.step, position.tokens, ""});
    }
    if (plan.checkpoints.size() > kMaxCheckpoints) {
      return absl::InvalidArgumentError(
          absl::StrCat("more than ", kMaxCheckpoints, " checkpoints; split the sweep"));
    }
    if (path_bytes > kMaxPathBytes) {
      return absl::InvalidArgumentError("the checkpoints' paths are longer than 12 MiB; split the sweep");
    }
  }
  if (plan.checkpoints.empty()) return absl::InvalidArgumentError("checkpoints: the patterns name no folder");
  NameUniquely(plan.checkpoints);
  SortByPosition(plan.checkpoints);
  for (Checkpoint& checkpoint : plan.checkpoints) TakeIdentity(folders, checkpoint, plan.warnings);
  LimitWarnings(plan.warnings);
  return plan;
}

}  // namespace probesweep::server
