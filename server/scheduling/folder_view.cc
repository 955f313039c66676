#include "server/scheduling/folder_view.h"

#include <dirent.h>
#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"

namespace probesweep::server {
namespace {

bool IsFolder(const char* path) {
  struct stat info {};
  return ::stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

class LocalFolders : public FolderView {
 public:
  absl::StatusOr<std::vector<std::string>> Glob(const std::string& pattern) const override {
    glob_t found{};
    const int failed = ::glob(pattern.c_str(), 0, nullptr, &found);
    std::vector<std::string> folders;
    for (size_t i = 0; failed == 0 && i < found.gl_pathc; ++i) {
      if (IsFolder(found.gl_pathv[i])) folders.emplace_back(found.gl_pathv[i]);
    }
    ::globfree(&found);
    if (failed != 0 && failed != GLOB_NOMATCH) {
      return absl::ResourceExhaustedError(absl::StrCat("cannot search ", pattern));
    }
    return folders;
  }

  absl::StatusOr<std::vector<FileFact>> Files(const std::string& folder) const override {
    const std::unique_ptr<DIR, int (*)(DIR*)> handle(::opendir(folder.c_str()), ::closedir);
    if (handle == nullptr) return ErrnoStatus(errno, "open", folder);
    std::vector<FileFact> files;
    while (const dirent* entry = ::readdir(handle.get())) {
      struct stat info {};
      if (::fstatat(::dirfd(handle.get()), entry->d_name, &info, 0) != 0 || !S_ISREG(info.st_mode)) continue;
      files.push_back({entry->d_name, static_cast<uint64_t>(info.st_size),
                       int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec});
    }
    std::sort(files.begin(), files.end(),
              [](const FileFact& a, const FileFact& b) { return a.name < b.name; });
    return files;
  }
};

}  // namespace

const FolderView* FolderView::Local() {
  static const FolderView* const folders = new LocalFolders;
  return folders;
}

}  // namespace probesweep::server
