// What the planner sees of checkpoints' folders.
#ifndef PROBESWEEP_SERVER_SCHEDULING_FOLDER_VIEW_H_
#define PROBESWEEP_SERVER_SCHEDULING_FOLDER_VIEW_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace probesweep::server {

struct FileFact {
  std::string name;
  uint64_t size = 0;
  int64_t modified_ns = 0;  // since the Unix epoch
};

// Thread-safe.
class FolderView {
 public:
  virtual ~FolderView() = default;
  // Folders that match a glob (*, ?, [a-z]) as absolute paths, sorted by name. Empty when none does.
  virtual absl::StatusOr<std::vector<std::string>> Glob(const std::string& pattern) const = 0;
  // The regular files directly in a folder, links followed, sorted by name. Errors: NOT_FOUND,
  // PERMISSION_DENIED.
  virtual absl::StatusOr<std::vector<FileFact>> Files(const std::string& folder) const = 0;

  // This machine's file system; lives as long as the process.
  static const FolderView* Local();
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_SCHEDULING_FOLDER_VIEW_H_
