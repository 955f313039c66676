#include "worker/agent/spool.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "common/file.h"
#include "common/logging.h"
#include "common/status.h"
#include "worker/agent/outcome_fields.h"
#include "worker/agent/spool_file.h"

namespace probesweep::worker {
namespace {

constexpr char kPrefix[] = "outcome-";
constexpr char kUnfinished[] = ".tmp";
constexpr char kDamaged[] = ".damaged";

absl::Status SyncFolder(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return ErrnoStatus(errno, "open", folder);
  const int error = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  return error == 0 ? absl::OkStatus() : ErrnoStatus(error, "fsync", folder);
}

// The number in a file's name; 0 when it is no outcome's.
uint64_t NumberOf(absl::string_view name) {
  uint64_t number = 0;
  if (!absl::ConsumePrefix(&name, kPrefix) || !absl::SimpleAtoi(name, &number)) return 0;
  return number;
}

// All or nothing, and on disk.
absl::Status WriteDurably(const std::string& path, const std::string& folder, const Outcome& outcome) {
  const std::string unfinished = absl::StrCat(path, kUnfinished);
  absl::Status status = WriteSpoolFile(unfinished, outcome);
  if (status.ok() && ::rename(unfinished.c_str(), path.c_str()) != 0) {
    status = ErrnoStatus(errno, "rename to", path);
  }
  if (!status.ok()) {
    ::unlink(unfinished.c_str());
    return status;
  }
  status = SyncFolder(folder);
  if (!status.ok()) ::unlink(path.c_str());
  return status;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Spool>> Spool::Open(const Options& options) {
  PS_RETURN_IF_ERROR(Annotate(MakeFolders(options.folder), "opening the spool"));
  const std::string path = absl::StrCat(options.folder, "/lock");
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return Annotate(ErrnoStatus(errno, "open lock file", path), "opening the spool");
  auto spool = absl::WrapUnique(new Spool(options, fd));
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return ErrnoStatus(errno, "lock", path);
    return absl::FailedPreconditionError(
        absl::StrCat("the spool ", options.folder,
                     " is another worker's that runs now; stop that one, or give this one its own --spool"));
  }
  PS_RETURN_IF_ERROR(Annotate(spool->Scan(), "opening the spool"));
  return spool;
}

Spool::~Spool() { ::close(lock_); }

absl::Status Spool::Scan() {
  absl::MutexLock lock(&mutex_);
  std::vector<std::pair<uint64_t, Entry>> found;
  int damaged = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator file(options_.folder, error), end; !error && file != end;
       file.increment(error)) {
    const std::string path = file->path().string(), file_name = file->path().filename().string();
    absl::string_view name = file_name;
    if (absl::ConsumeSuffix(&name, kUnfinished)) {
      if (NumberOf(name) > 0) ::unlink(path.c_str());
      continue;
    }
    const bool is_damaged = absl::ConsumeSuffix(&name, kDamaged);
    const uint64_t number = NumberOf(name);
    if (number == 0) continue;
    next_number_ = std::max(next_number_, number + 1);
    if (is_damaged) {
      ++damaged;
      continue;
    }
    std::error_code no_size;
    const uint64_t bytes = file->file_size(no_size);
    found.push_back({number, {path, no_size ? 0 : bytes}});
  }
  if (error) return ErrnoStatus(error.value(), "list", options_.folder);
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [number, entry] : found) {
    used_bytes_ += entry.bytes;
    found_.push_back(std::move(entry));
  }
  if (damaged > 0) {
    spdlog::warn(
        "{} damaged outcomes lie in {} as *{}; their tasks are computed again: look at the disk, then "
        "delete them",
        damaged, options_.folder, kDamaged);
  }
  return absl::OkStatus();
}

bool Spool::HasRoom(uint64_t bytes) const {
  absl::MutexLock lock(&mutex_);
  return used_bytes_ + bytes <= options_.limit_bytes;
}

absl::StatusOr<Spool::Entry> Spool::Add(const Outcome& outcome) {
  uint64_t number;
  {
    absl::MutexLock lock(&mutex_);
    number = next_number_++;
  }
  Entry entry{absl::StrFormat("%s/%s%012d", options_.folder, kPrefix, number), 0, FieldsOf(outcome)};
  PS_RETURN_IF_ERROR(WriteDurably(entry.path, options_.folder, outcome));
  std::error_code no_size;
  const uint64_t bytes = std::filesystem::file_size(entry.path, no_size);
  entry.bytes = no_size ? outcome.ArtifactBytes() : bytes;
  absl::MutexLock lock(&mutex_);
  used_bytes_ += entry.bytes;
  return entry;
}

absl::StatusOr<Outcome> Spool::Load(const Entry& entry) const { return ReadSpoolFile(entry.path); }

void Spool::Remove(const Entry& entry) {
  if (::unlink(entry.path.c_str()) != 0) {
    spdlog::warn("{}; it will be sent again when this worker starts anew{}",
                 ErrnoStatus(errno, "remove", entry.path).message(), entry.fields);
  }
  Removed(entry);
}

void Spool::SetAside(const Entry& entry, const absl::Status& why) {
  const std::string aside = absl::StrCat(entry.path, kDamaged);
  if (::rename(entry.path.c_str(), aside.c_str()) == 0) {
    spdlog::error("{}; set aside as {}: its task is computed again{}", why.message(), aside, entry.fields);
  } else {
    spdlog::error("{}; not sent: its task is computed again, and {}{}", why.message(),
                  ErrnoStatus(errno, "set it aside as", aside).message(), entry.fields);
  }
  Removed(entry);
}

void Spool::Removed(const Entry& entry) {
  absl::MutexLock lock(&mutex_);
  used_bytes_ -= std::min(used_bytes_, entry.bytes);
}

}  // namespace probesweep::worker
