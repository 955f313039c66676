#include "server/domain/sweep.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/status.h"
#include "server/domain/text.h"

namespace probesweep::server {
namespace {

constexpr size_t kMaxDimensions = 1000;
constexpr size_t kMaxPatterns = 100'000;
constexpr size_t kMaxTextBytes = 4096;
constexpr size_t kMaxTitleBytes = 256;
constexpr size_t kMaxRecomputeBytes = 128;
// Of all patterns: a sweep must fit into one message together with what they stand for.
constexpr size_t kMaxPatternBytes = 8 << 20;
// A share that is next to nothing makes the virtual time of fair share so large that others no longer count.
constexpr double kLeastWeight = 1e-6, kLargestWeight = 1e6;

absl::Status Refuse(absl::string_view field, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", why));
}

absl::Status ValidateDimension(const Dimension& dimension, const std::string& field) {
  if (!IsName(dimension.name)) {
    return Refuse(field + ".name", absl::StrCat("'", dimension.name,
                                                "' is no name; use 1 to 64 letters, digits, '_', '-', '.'"));
  }
  if (dimension.dataset.empty()) return Refuse(field + ".dataset", "is empty; give the dataset a name");
  PS_RETURN_IF_ERROR(CheckText(dimension.dataset, kMaxTitleBytes, field + ".dataset"));
  PS_RETURN_IF_ERROR(CheckText(dimension.label_meaning, kMaxTextBytes, field + ".label_meaning"));
  PS_RETURN_IF_ERROR(CheckText(dimension.group_column, kMaxTitleBytes, field + ".group_column"));
  if (!IsDigest(dimension.dataset_digest)) {
    return Refuse(field + ".dataset_digest", "is no SHA-256 (64 lower-case hex digits) of an uploaded CSV");
  }
  if (!(dimension.steering_share > 0 && dimension.steering_share <= 1)) {
    return Refuse(field + ".steering_share", absl::StrCat(dimension.steering_share, " is not in (0, 1]"));
  }
  if (!dimension.group_column.empty() && !dimension.group_rule.empty()) {
    return Refuse(field + ".group_rule", "is given beside group_column; leave one of the two out");
  }
  if (!dimension.group_rule.empty() && !IsName(dimension.group_rule)) {
    return Refuse(field + ".group_rule",
                  "is no rule's name; there are same_text, same_question, same_context");
  }
  return absl::OkStatus();
}

absl::Status ValidateCheckpoints(const SweepSpec& spec) {
  if (spec.checkpoints.empty()) return Refuse("checkpoints", "name at least one");
  if (spec.checkpoints.size() > kMaxPatterns) return Refuse("checkpoints", "are more than 100000");
  size_t bytes = 0;
  for (size_t i = 0; i < spec.checkpoints.size(); ++i) {
    const CheckpointPattern& checkpoint = spec.checkpoints[i];
    const std::string field = absl::StrCat("checkpoints[", i, "]");
    if (checkpoint.pattern.empty() || checkpoint.pattern.front() != '/') {
      return Refuse(field + ".pattern", absl::StrCat("'", checkpoint.pattern,
                                                     "' is not an absolute path, as the workers see it"));
    }
    PS_RETURN_IF_ERROR(CheckText(checkpoint.pattern, kMaxTextBytes, field + ".pattern"));
    bytes += checkpoint.pattern.size();
    if (checkpoint.step.value_or(0) < 0) return Refuse(field + ".step", "is negative");
    if (checkpoint.tokens.value_or(0) < 0) return Refuse(field + ".tokens", "is negative");
  }
  if (bytes > kMaxPatternBytes) return Refuse("checkpoints", "are longer than 8 MiB; split the sweep");
  return absl::OkStatus();
}

}  // namespace

const char* SweepStateName(SweepState state) {
  switch (state) {
    case SweepState::kRunning:
      return "running";
    case SweepState::kSucceeded:
      return "succeeded";
    case SweepState::kFailed:
      return "failed";
    case SweepState::kCancelled:
      return "cancelled";
  }
  return "unknown";
}

int64_t TaskCounts::total() const { return std::accumulate(by_state.begin(), by_state.end(), int64_t{0}); }

SweepState StateOf(const TaskCounts& counts) {
  if (counts[TaskState::kReady] + counts[TaskState::kLeased] + counts[TaskState::kRetryWait] > 0) {
    return SweepState::kRunning;
  }
  if (counts[TaskState::kCancelled] > 0) return SweepState::kCancelled;
  return counts[TaskState::kQuarantined] > 0 ? SweepState::kFailed : SweepState::kSucceeded;
}

bool IsName(const std::string& text) {
  if (text == "." || text == "..") return false;
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.';
  });
}

absl::Status Validate(const SweepSpec& spec) {
  if (!IsName(spec.name)) {
    return Refuse("name",
                  absl::StrCat("'", spec.name, "' is no name; use 1 to 64 letters, digits, '_', '-', '.'"));
  }
  if (spec.model.empty()) return Refuse("model", "is empty; give the model a name");
  PS_RETURN_IF_ERROR(CheckText(spec.model, kMaxTitleBytes, "model"));
  PS_RETURN_IF_ERROR(ValidateCheckpoints(spec));
  if (spec.dimensions.empty()) return Refuse("dimensions", "name at least one");
  if (spec.dimensions.size() > kMaxDimensions) return Refuse("dimensions", "are more than 1000");
  std::set<std::string> names;
  for (size_t i = 0; i < spec.dimensions.size(); ++i) {
    const std::string field = absl::StrCat("dimensions[", i, "]");
    PS_RETURN_IF_ERROR(ValidateDimension(spec.dimensions[i], field));
    if (!names.insert(spec.dimensions[i].name).second) {
      return Refuse(field + ".name", absl::StrCat("'", spec.dimensions[i].name, "' is there twice"));
    }
  }
  if (!(spec.weight >= kLeastWeight && spec.weight <= kLargestWeight)) {
    return Refuse("weight", "is not from 0.000001 to 1000000");
  }
  PS_RETURN_IF_ERROR(CheckText(spec.recompute, kMaxRecomputeBytes, "recompute"));
  if (spec.tokens_per_step < 0) return Refuse("tokens_per_step", "is negative");
  return Annotate(spec.analysis.Validate(), "analysis");
}

}  // namespace probesweep::server
