#include "server/store/blob_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
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

absl::StatusOr<std::unique_ptr<BlobStore>> BlobStore::Open(const std::string& folder,
                                                           int64_t max_blob_bytes) {
  const std::string blobs = folder + "/blobs";
  PS_RETURN_IF_ERROR(MakeFolders(blobs));
  std::error_code ignored;
  std::filesystem::remove_all(blobs + "/incoming", ignored);
  PS_RETURN_IF_ERROR(MakeFolders(blobs + "/incoming"));
  if (::access(blobs.c_str(), W_OK | X_OK) != 0) return ErrnoStatus(errno, "write to", blobs);
  return std::unique_ptr<BlobStore>(new BlobStore(blobs, max_blob_bytes));
}

std::string BlobStore::PathOf(const std::string& digest) const {
  return absl::StrCat(folder_, "/", digest.substr(0, 2), "/", digest);
}

absl::StatusOr<std::unique_ptr<BlobWriter>> BlobStore::Write(const std::string& digest) {
  PS_RETURN_IF_ERROR(CheckDigest(digest));
  PS_RETURN_IF_ERROR(MakeFolders(absl::StrCat(folder_, "/", digest.substr(0, 2))));
  const std::string temporary =
      absl::StrCat(folder_, "/incoming/", RandomId("blob", 16, *RandomSource::System()));
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

}  // namespace probesweep::server
