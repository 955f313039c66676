#include "common/file_stamp.h"

#include <sys/stat.h>

#include "absl/strings/str_cat.h"

namespace probesweep {

std::string FileStamp(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return "absent";
  return absl::StrCat(info.st_dev, "-", info.st_ino, "-", info.st_size, "-", info.st_mode, "-",
                      info.st_mtim.tv_sec, ".", info.st_mtim.tv_nsec, "-", info.st_ctim.tv_sec, ".",
                      info.st_ctim.tv_nsec);
}

}  // namespace probesweep
