#include "worker/text/json_file.h"

#include "common/file.h"
#include "common/status.h"
#include "worker/text/json_tree.h"

namespace probesweep::worker {
namespace {

// A list of added tokens takes five times its bytes, in files that hold little else.
constexpr uint64_t kTreeBytesPerByte = 6;

}  // namespace

absl::StatusOr<nlohmann::json> ParseJson(absl::string_view text, absl::string_view name) {
  return JsonTreeEvents(kSmallTreeBytes + kTreeBytesPerByte * text.size()).ReadTree(text, name);
}

absl::StatusOr<nlohmann::json> ReadJsonFile(const std::string& path) {
  PS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxTokenizerFileBytes));
  return ParseJson(text, path);
}

}  // namespace probesweep::worker
