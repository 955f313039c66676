// Folders that exist only in a test.
#ifndef PROBESWEEP_TESTS_SUPPORT_FAKE_FOLDERS_H_
#define PROBESWEEP_TESTS_SUPPORT_FAKE_FOLDERS_H_

#include <fnmatch.h>

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/scheduling/folder_view.h"

namespace probesweep::testing {

class FakeFolders : public server::FolderView {
 public:
  // By absolute path.
  std::map<std::string, std::vector<server::FileFact>> folders;

  absl::StatusOr<std::vector<std::string>> Glob(const std::string& pattern) const override {
    std::vector<std::string> matches;
    for (const auto& [path, files] : folders) {
      if (::fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME) == 0) matches.push_back(path);
    }
    return matches;
  }

  absl::StatusOr<std::vector<server::FileFact>> Files(const std::string& folder) const override {
    const auto found = folders.find(folder);
    if (found == folders.end()) return absl::NotFoundError(absl::StrCat("cannot open ", folder));
    return found->second;
  }
};

}  // namespace probesweep::testing

#endif  // PROBESWEEP_TESTS_SUPPORT_FAKE_FOLDERS_H_
