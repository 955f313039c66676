#include "server/store/blob_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/file.h"
#include "common/ids.h"
#include "common/status.h"

namespace probesweep::server {
namespace {

absl::Status SyncFolder(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return ErrnoStatus(errno, "open", folder);
  const int failed = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  return failed == 0 ? absl::OkStatus() : ErrnoStatus(failed, "fsync", folder);
}

absl::Status CheckDigest(const std::string& digest) {
  if (IsDigest(digest)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("'", digest.substr(0, 80), "' is no SHA-256 digest: 64 lower-case hex digits"));
}

// Where a blob lies while it is decided whether it goes.
constexpr char kRemovals[] = "/removing/";

// A blob that is claimed so soon after its upload keeps its time: on a network folder a change of it is a
// round trip. Far below the age at which blobs are removed.
constexpr absl::Duration kRecent = absl::Hours(1);

absl::Time TimeOf(const struct stat& file) { return absl::TimeFromTimespec(file.st_mtim); }

// Calls `visit` with each name in the folder.
absl::Status List(const std::string& folder, absl::FunctionRef<absl::Status(const std::string&)> visit) {
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  while (!error && entry != std::filesystem::directory_iterator()) {
    PS_RETURN_IF_ERROR(visit(entry->path().filename().string()));
    entry.increment(error);
  }
  return error ? ErrnoStatus(error.value(), "list", folder) : absl::OkStatus();
}

}  // namespace

BlobWriter::BlobWriter(std::string digest, std::string temporary, std::string target, int fd,
                       int64_t max_bytes)
    : digest_(std::move(digest)),
      temporary_(std::move(temporary)),
      target_(std::move(target)),
      fd_(fd),
      max_bytes_(max_bytes) {}

BlobWriter::~BlobWriter() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(temporary_.c_str());
}

absl::Status BlobWriter::Append(absl::string_view bytes) {
  size_ += static_cast<int64_t>(bytes.size());
  if (size_ > max_bytes_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("blob ", digest_, " is larger than ", max_bytes_, " bytes"));
  }
  sha_.Update(bytes);
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return ErrnoStatus(errno, "write", temporary_);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status BlobWriter::Finish() {
  const std::string actual = sha_.Hex();
  if (actual != digest_) {
    return absl::InvalidArgumentError(
        absl::StrCat("the bytes sent as blob ", digest_, " have the digest ", actual, "; send them again"));
  }
  if (::fsync(fd_) != 0) return ErrnoStatus(errno, "fsync", temporary_);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) return ErrnoStatus(errno, "rename to", target_);
  ::close(std::exchange(fd_, -1));
  const std::filesystem::path folder = std::filesystem::path(target_).parent_path();
  PS_RETURN_IF_ERROR(SyncFolder(folder.string()));
  // The blob's folder itself may be new.
  return SyncFolder(folder.parent_path().string());
}

BlobReader::BlobReader(std::string digest, std::string path, int fd)
    : digest_(std::move(digest)), path_(std::move(path)), fd_(fd) {}

BlobReader::~BlobReader() { ::close(fd_); }

absl::StatusOr<std::string> BlobReader::Read(size_t max_bytes) {
  if (ended_) return std::string();
  std::string bytes(max_bytes, '\0');
  size_t filled = 0;
  while (filled < max_bytes) {
    const ssize_t got = ::read(fd_, bytes.data() + filled, max_bytes - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, "read", path_);
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  bytes.resize(filled);
  sha_.Update(bytes);
  if (filled < max_bytes) {
    ended_ = true;
    if (sha_.Hex() != digest_) {
      return absl::DataLossError(
          absl::StrCat(path_, " is damaged: its bytes do not have the digest in its name"));
    }
  }
  return bytes;
}

absl::Status BlobStore::Adopt(const std::string& folder, const std::string& store_identity) {
  const std::string blobs = folder + "/blobs", mark = blobs + "/store";
  PS_RETURN_IF_ERROR(MakeFolders(blobs));
  const absl::StatusOr<std::string> owner = ReadFile(mark, 1024);
  if (absl::IsNotFound(owner.status())) return WriteFileAtomically(mark, store_identity + "\n");
  PS_RETURN_IF_ERROR(owner.status());
  if (absl::StripAsciiWhitespace(*owner) == store_identity) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      blobs, " belongs to another store: ", mark, " says ", absl::StripAsciiWhitespace(*owner),
      ", and --store names ", store_identity,
      ". Give this coordinator a folder of its own with --data, or the store that belongs to this one with "
      "--store; where this store is to take that one's place, remove ",
      mark));
}

absl::StatusOr<std::unique_ptr<BlobStore>> BlobStore::Open(const std::string& folder,
                                                           int64_t max_blob_bytes) {
  const std::string blobs = folder + "/blobs";
  PS_RETURN_IF_ERROR(MakeFolders(blobs));
  if (::access(blobs.c_str(), W_OK | X_OK) != 0) return ErrnoStatus(errno, "write to", blobs);
  std::error_code ignored;
  std::filesystem::remove_all(blobs + "/incoming", ignored);
  // A folder of this process's own: another coordinator that still runs, although this one took over, then
  // cannot put what it received into this one's.
  const std::string uploads = absl::StrCat(blobs, "/incoming/", RandomId("by", 16, *RandomSource::System()));
  PS_RETURN_IF_ERROR(MakeFolders(uploads));
  PS_RETURN_IF_ERROR(MakeFolders(blobs + kRemovals));
  std::unique_ptr<BlobStore> store(new BlobStore(blobs, uploads, max_blob_bytes));
  PS_RETURN_IF_ERROR(store->PutBackRemovals());
  return store;
}

// Whether they may go, the next removal decides anew.
absl::Status BlobStore::PutBackRemovals() {
  return List(folder_ + kRemovals, [this](const std::string& digest) -> absl::Status {
    const std::string aside = absl::StrCat(folder_, kRemovals, digest);
    if (!IsDigest(digest) || ::rename(aside.c_str(), PathOf(digest).c_str()) == 0 || errno == ENOENT) {
      return absl::OkStatus();
    }
    return ErrnoStatus(errno, "put back", aside);
  });
}

std::string BlobStore::PathOf(const std::string& digest) const {
  return absl::StrCat(folder_, "/", digest.substr(0, 2), "/", digest);
}

absl::StatusOr<std::unique_ptr<BlobWriter>> BlobStore::Write(const std::string& digest) {
  PS_RETURN_IF_ERROR(CheckDigest(digest));
  PS_RETURN_IF_ERROR(MakeFolders(absl::StrCat(folder_, "/", digest.substr(0, 2))));
  const std::string temporary = absl::StrCat(uploads_, "/", RandomId("blob", 16, *RandomSource::System()));
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0) return ErrnoStatus(errno, "create", temporary);
  return std::unique_ptr<BlobWriter>(new BlobWriter(digest, temporary, PathOf(digest), fd, max_blob_bytes_));
}

absl::StatusOr<std::unique_ptr<BlobReader>> BlobStore::Read(const std::string& digest) const {
  PS_RETURN_IF_ERROR(CheckDigest(digest));
  const std::string path = PathOf(digest);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) {
    return absl::NotFoundError(absl::StrCat("blob ", digest, " is not here; upload it first"));
  }
  if (fd < 0) return ErrnoStatus(errno, "open", path);
  return std::unique_ptr<BlobReader>(new BlobReader(digest, path, fd));
}

bool BlobStore::Has(const std::string& digest) const {
  return IsDigest(digest) && ::access(PathOf(digest).c_str(), R_OK) == 0;
}

int64_t BlobStore::SizeOf(const std::string& digest) const {
  struct stat file {};
  if (!Has(digest) || ::stat(PathOf(digest).c_str(), &file) != 0) return -1;
  return file.st_size;
}

int64_t BlobStore::Claim(const std::string& digest) {
  struct stat file {};
  const std::string path = PathOf(digest);
  if (!Has(digest) || ::stat(path.c_str(), &file) != 0) return -1;
  const bool recent = TimeOf(file) > absl::Now() - kRecent;
  // Who removes it has the last look at its time: either it stays, or it is gone here already.
  if (!recent && ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0) != 0) return -1;
  return file.st_size;
}

absl::StatusOr<std::vector<std::string>> BlobStore::OlderThan(absl::Time before) const {
  std::vector<std::string> digests;
  PS_RETURN_IF_ERROR(List(folder_, [&](const std::string& prefix) -> absl::Status {
    if (prefix.size() != 2) return absl::OkStatus();
    return List(absl::StrCat(folder_, "/", prefix), [&](const std::string& digest) {
      struct stat file {};
      const bool old =
          IsDigest(digest) && ::stat(PathOf(digest).c_str(), &file) == 0 && TimeOf(file) < before;
      if (old) digests.push_back(digest);
      return absl::OkStatus();
    });
  }));
  return digests;
}

absl::StatusOr<int64_t> BlobStore::RemoveIfOlder(const std::string& digest, absl::Time before) {
  PS_RETURN_IF_ERROR(CheckDigest(digest));
  const std::string path = PathOf(digest), aside = absl::StrCat(folder_, kRemovals, digest);
  // First out of reach, then looked at: what is uploaded from here on is another file, and what was claimed
  // until here shows it.
  if (::rename(path.c_str(), aside.c_str()) != 0) {
    if (errno == ENOENT) return -1;
    return ErrnoStatus(errno, "set aside", path);
  }
  struct stat file {};
  if (::stat(aside.c_str(), &file) == 0 && TimeOf(file) >= before) {
    if (::rename(aside.c_str(), path.c_str()) != 0 && errno != ENOENT) {
      return ErrnoStatus(errno, "put back", aside);
    }
    return -1;
  }
  if (::unlink(aside.c_str()) == 0) return file.st_size;
  // A coordinator that took over meanwhile put it back.
  if (errno == ENOENT) return -1;
  return ErrnoStatus(errno, "remove", aside);
}

}  // namespace probesweep::server
