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

// Entries of folders that one glob looks at: "/*/*/*" must not walk whole disks, nor links that lead in
// circles. Folders of checkpoints have some thousands.
constexpr size_t kMaxEntries = 200'000;
thread_local size_t entries_left = 0;

void* OpenFolder(const char* path) { return entries_left == 0 ? nullptr : ::opendir(path); }

dirent* NextEntry(void* folder) {
  if (entries_left == 0) return nullptr;
  --entries_left;
  return ::readdir(static_cast<DIR*>(folder));
}

bool IsFolder(const char* path) {
  struct stat info {};
  return ::stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

class LocalFolders : public FolderView {
 public:
  absl::StatusOr<std::vector<std::string>> Glob(const std::string& pattern) const override {
    glob_t found{};
    found.gl_opendir = OpenFolder;
    found.gl_readdir = NextEntry;
    found.gl_closedir = [](void* folder) { ::closedir(static_cast<DIR*>(folder)); };
    found.gl_stat = ::stat;
    found.gl_lstat = ::lstat;
    entries_left = kMaxEntries;
    const int failed = ::glob(pattern.c_str(), GLOB_ALTDIRFUNC, nullptr, &found);
    std::vector<std::string> folders;
    for (size_t i = 0; failed == 0 && i < found.gl_pathc; ++i) {
      if (IsFolder(found.gl_pathv[i])) folders.emplace_back(found.gl_pathv[i]);
    }
    ::globfree(&found);
    if (entries_left == 0) {
      return absl::ResourceExhaustedError(absl::StrCat("'", pattern,
                                                       "' makes the coordinator look at more than ",
                                                       kMaxEntries, " files; name the folders more closely"));
    }
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
