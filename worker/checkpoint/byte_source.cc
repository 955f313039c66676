#include "worker/checkpoint/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/status.h"

namespace probesweep::worker {
namespace {

absl::Status BeyondEnd(const std::string& name, uint64_t begin, uint64_t count, uint64_t size) {
  return absl::DataLossError(
      absl::StrCat(name, " is truncated: ", count, " bytes are needed at ", begin, ", and it has ", size));
}

class FileBytes : public ByteSource {
 public:
  FileBytes(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  ~FileBytes() override { ::close(fd_); }
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  absl::Status Check() {
    struct stat info {};
    if (::fstat(fd_, &info) != 0) return ErrnoStatus(errno, "stat", path_);
    if (!S_ISREG(info.st_mode)) {
      return absl::InvalidArgumentError(
          absl::StrCat("cannot read ", path_, ": it is ", S_ISDIR(info.st_mode) ? "a folder" : "not a file"));
    }
    size_ = static_cast<uint64_t>(info.st_size);
    return absl::OkStatus();
  }

  const std::string& name() const override { return path_; }
  uint64_t size() const override { return size_; }

  absl::Status Read(uint64_t begin, absl::Span<char> into) const override {
    if (begin > size_ || into.size() > size_ - begin) return BeyondEnd(path_, begin, into.size(), size_);
    while (!into.empty()) {
      const ssize_t got = ::pread(fd_, into.data(), into.size(), static_cast<off_t>(begin));
      if (got < 0 && errno == EINTR) continue;
      // A failing disk may recover or not; the bytes are not known to be bad.
      if (got < 0) return ErrnoStatus(errno, "read", path_);
      if (got == 0) return absl::DataLossError(absl::StrCat(path_, " became shorter while it was read"));
      begin += static_cast<uint64_t>(got);
      into.remove_prefix(static_cast<size_t>(got));
    }
    return absl::OkStatus();
  }

 private:
  const std::string path_;
  const int fd_;
  uint64_t size_ = 0;
};

class BytesInMemory : public ByteSource {
 public:
  BytesInMemory(std::string name, absl::string_view bytes) : name_(std::move(name)), bytes_(bytes) {}

  const std::string& name() const override { return name_; }
  uint64_t size() const override { return bytes_.size(); }

  absl::Status Read(uint64_t begin, absl::Span<char> into) const override {
    if (begin > size() || into.size() > size() - begin) return BeyondEnd(name_, begin, into.size(), size());
    if (!into.empty()) std::memcpy(into.data(), bytes_.data() + begin, into.size());
    return absl::OkStatus();
  }

 private:
  const std::string name_;
  const absl::string_view bytes_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ByteSource>> OpenFile(const std::string& path) {
  // Non-blocking, so that a pipe of that name is refused and not waited for.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return ErrnoStatus(errno, "open", path);
  auto file = std::make_unique<FileBytes>(path, fd);
  PS_RETURN_IF_ERROR(file->Check());
  return std::unique_ptr<ByteSource>(std::move(file));
}

std::unique_ptr<ByteSource> MemoryBytes(std::string name, absl::string_view bytes) {
  return std::make_unique<BytesInMemory>(std::move(name), bytes);
}

absl::StatusOr<std::string> ReadRange(const ByteSource& source, uint64_t begin, uint64_t count) {
  if (begin > source.size() || count > source.size() - begin) {
    return BeyondEnd(source.name(), begin, count, source.size());
  }
  std::string bytes(count, '\0');
  PS_RETURN_IF_ERROR(source.Read(begin, absl::MakeSpan(bytes.data(), bytes.size())));
  return bytes;
}

}  // namespace probesweep::worker
