#include "worker/agent/worker_id.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "absl/memory/memory.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "common/file.h"
#include "common/status.h"

namespace probesweep::worker {
namespace {

constexpr int kMaxSlots = 1000;

// "" when it is not set.
std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Two ids never have one name.
std::string AsFileName(absl::string_view id) {
  std::string name;
  for (const char c : id) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' ||
        (c == '.' && !name.empty())) {
      name.push_back(c);
    } else {
      absl::StrAppendFormat(&name, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return name;
}

}  // namespace

absl::StatusOr<std::unique_ptr<WorkerSlot>> WorkerSlot::Claim(const std::string& lock_folder,
                                                              const std::string& host,
                                                              const std::string& device) {
  PS_RETURN_IF_ERROR(Annotate(MakeFolders(lock_folder), "claiming a worker id"));
  const std::string base = absl::StrCat(host, "-", absl::StrReplaceAll(device, {{":", ""}}));
  for (int slot = 0; slot < kMaxSlots; ++slot) {
    const std::string id = absl::StrCat(base, "-", slot);
    const std::string path = absl::StrCat(lock_folder, "/", id, ".lock");
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return ErrnoStatus(errno, "open lock file", path);
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return absl::WrapUnique(new WorkerSlot(id, fd));
    ::close(fd);
  }
  return absl::ResourceExhaustedError(
      absl::StrCat(kMaxSlots, " workers run on this host already; see ", lock_folder));
}

WorkerSlot::~WorkerSlot() { ::close(fd_); }

std::string HostName() {
  char name[256] = "localhost";
  ::gethostname(name, sizeof name - 1);
  return name;
}

std::string DefaultLockFolder() {
  const std::string runtime = Environment("XDG_RUNTIME_DIR");
  if (!runtime.empty()) return absl::StrCat(runtime, "/probesweep");
  return absl::StrCat(std::filesystem::temp_directory_path().string(), "/probesweep-", ::getuid());
}

std::string DefaultSpoolFolder(const std::string& worker_id) {
  const std::string state = Environment("XDG_STATE_HOME"), home = Environment("HOME");
  const std::string folder = !state.empty()  ? absl::StrCat(state, "/probesweep")
                             : !home.empty() ? absl::StrCat(home, "/.local/state/probesweep")
                                             : DefaultLockFolder();
  return absl::StrCat(folder, "/spool/", AsFileName(worker_id));
}

}  // namespace probesweep::worker
