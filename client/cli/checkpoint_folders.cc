#include "client/cli/checkpoint_folders.h"

#include <glob.h>

#include <filesystem>
#include <set>

#include "common/braces.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

bool IsFolder(const std::string& path) {
  std::error_code failed;
  return std::filesystem::is_directory(path, failed);
}

std::string Normal(const std::string& path) {
  std::string normal = std::filesystem::path(path).lexically_normal().string();
  while (normal.size() > 1 && normal.back() == '/') normal.pop_back();
  return normal;
}

// Folders alone, sorted.
std::vector<std::string> Matches(const std::string& pattern) {
  if (pattern.find_first_of("*?[") == std::string::npos) return {pattern};
  glob_t found{};
  std::vector<std::string> folders;
  if (::glob(pattern.c_str(), GLOB_ONLYDIR, nullptr, &found) == 0) {
    for (size_t i = 0; i < found.gl_pathc; ++i) {
      if (IsFolder(found.gl_pathv[i])) folders.emplace_back(found.gl_pathv[i]);
    }
  }
  ::globfree(&found);
  return folders;
}

}  // namespace

absl::StatusOr<CheckpointFolders> FindCheckpointFolders(const v1::SweepSpec& spec) {
  CheckpointFolders folders;
  std::set<std::string> seen;
  for (const v1::CheckpointPattern& pattern : spec.checkpoints()) {
    PS_ASSIGN_OR_RETURN(const std::vector<std::string> expanded, ExpandBraces(pattern.pattern()));
    for (const std::string& each : expanded) {
      const std::vector<std::string> matches = Matches(each);
      if (matches.empty()) folders.not_here.push_back(each);
      for (const std::string& match : matches) {
        const std::string path = Normal(match);
        if (seen.insert(path).second) (IsFolder(path) ? folders.here : folders.not_here).push_back(path);
      }
    }
  }
  return folders;
}

}  // namespace probesweep::client
