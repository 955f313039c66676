#include "worker/agent/spool_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/status.h"

namespace probesweep::worker {
namespace {

constexpr absl::string_view kMagic = "PSSPOOL1";
constexpr size_t kLengthBytes = 8, kDigestBytes = 64;
constexpr size_t kHeaderBytes = kMagic.size() + kLengthBytes + kDigestBytes;
constexpr char kCommit = 'C', kFailure = 'F';

// An open file; errors name its path.
class File {
 public:
  static absl::StatusOr<File> Open(const std::string& path, int flags) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
    if (fd < 0) return ErrnoStatus(errno, "open", path);
    return File(path, fd);
  }
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(File&& other) noexcept : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}
  File& operator=(File&&) = delete;

  absl::Status Append(absl::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return ErrnoStatus(errno, "write", path_);
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    return absl::OkStatus();
  }
  absl::Status Sync() { return ::fsync(fd_) == 0 ? absl::OkStatus() : ErrnoStatus(errno, "fsync", path_); }

  absl::StatusOr<uint64_t> Size() const {
    struct stat info {};
    if (::fstat(fd_, &info) != 0) return ErrnoStatus(errno, "stat", path_);
    return static_cast<uint64_t>(info.st_size);
  }
  // Exactly `size` bytes. Errors: DATA_LOSS when the file ends before.
  absl::Status ReadAt(uint64_t offset, size_t size, std::string& bytes) const {
    bytes.resize(size);
    for (size_t done = 0; done < size;) {
      const ssize_t got = ::pread(fd_, bytes.data() + done, size - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return ErrnoStatus(errno, "read", path_);
      if (got == 0) return Damaged("ends too early");
      done += static_cast<size_t>(got);
    }
    return absl::OkStatus();
  }

  absl::Status Damaged(absl::string_view how) const {
    return absl::DataLossError(absl::StrCat(path_, " is damaged: it ", how));
  }

 private:
  File(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  std::string path_;
  int fd_;
};

// Holds one artifact at a time in memory.
class SpooledArtifacts : public ArtifactReader {
 public:
  struct Part {
    uint64_t offset;
    uint64_t size;
    std::string digest;
  };
  SpooledArtifacts(File file, std::vector<Part> parts) : file_(std::move(file)), parts_(std::move(parts)) {}

  absl::StatusOr<absl::string_view> Read(int index) override {
    const Part& part = parts_[static_cast<size_t>(index)];
    PS_RETURN_IF_ERROR(file_.ReadAt(part.offset, part.size, bytes_));
    if (Sha256Hex(bytes_) != part.digest) {
      return file_.Damaged(absl::StrCat("has other bytes than artifact ", part.digest));
    }
    return absl::string_view(bytes_);
  }

 private:
  const File file_;
  const std::vector<Part> parts_;
  std::string bytes_;
};

std::string LittleEndian(uint64_t value) {
  std::string bytes;
  for (size_t i = 0; i < kLengthBytes; ++i) bytes.push_back(static_cast<char>(value >> (8 * i)));
  return bytes;
}

uint64_t FromLittleEndian(absl::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < kLengthBytes; ++i)
    value |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return value;
}

// Kind and message.
absl::StatusOr<std::string> Serialize(const Outcome& outcome) {
  std::string bytes(1, outcome.commit() != nullptr ? kCommit : kFailure);
  const bool written =
      std::visit([&](const auto& message) { return message.AppendToString(&bytes); }, outcome.request);
  if (!written) return absl::InternalError(absl::StrCat("cannot serialize task ", outcome.task_id()));
  return bytes;
}

absl::StatusOr<Outcome> Parse(const File& file, absl::string_view kind_and_message) {
  Outcome outcome;
  if (kind_and_message[0] == kFailure) outcome.request = v1::FailTaskRequest();
  const bool parsed = std::visit(
      [&](auto& message) {
        return message.ParseFromArray(kind_and_message.data() + 1,
                                      static_cast<int>(kind_and_message.size() - 1));
      },
      outcome.request);
  if (!parsed) return file.Damaged("holds no message");
  return outcome;
}

// Where the artifacts lie; they must fill the rest of the file.
absl::StatusOr<std::vector<SpooledArtifacts::Part>> Parts(const File& file, const Outcome& outcome,
                                                          uint64_t offset, uint64_t file_size) {
  std::vector<SpooledArtifacts::Part> parts;
  if (outcome.commit() != nullptr) {
    for (const v1::ArtifactRef& artifact : outcome.commit()->artifacts()) {
      const uint64_t size = static_cast<uint64_t>(std::max<int64_t>(artifact.size_bytes(), 0));
      if (size > file_size - offset) return file.Damaged("ends within an artifact");
      parts.push_back({offset, size, artifact.digest()});
      offset += size;
    }
  }
  if (offset != file_size) return file.Damaged("goes on behind its end");
  return parts;
}

}  // namespace

absl::Status WriteSpoolFile(const std::string& path, const Outcome& outcome) {
  PS_ASSIGN_OR_RETURN(const std::string message, Serialize(outcome));
  PS_ASSIGN_OR_RETURN(File file, File::Open(path, O_WRONLY | O_CREAT | O_EXCL));
  PS_RETURN_IF_ERROR(
      file.Append(absl::StrCat(kMagic, LittleEndian(message.size() - 1), Sha256Hex(message), message)));
  const int artifacts = outcome.commit() != nullptr ? outcome.commit()->artifacts_size() : 0;
  for (int index = 0; index < artifacts; ++index) {
    PS_ASSIGN_OR_RETURN(const absl::string_view bytes, outcome.artifacts->Read(index));
    PS_RETURN_IF_ERROR(file.Append(bytes));
  }
  return file.Sync();
}

absl::StatusOr<Outcome> ReadSpoolFile(const std::string& path) {
  PS_ASSIGN_OR_RETURN(File file, File::Open(path, O_RDONLY));
  PS_ASSIGN_OR_RETURN(const uint64_t size, file.Size());
  std::string bytes;
  PS_RETURN_IF_ERROR(file.ReadAt(0, kHeaderBytes, bytes));
  const absl::string_view header = bytes;
  if (header.substr(0, kMagic.size()) != kMagic) return file.Damaged("does not begin as a spooled outcome");
  const uint64_t length = FromLittleEndian(header.substr(kMagic.size()));
  if (length >= size - kHeaderBytes) return file.Damaged("ends within its message");
  const std::string digest(header.substr(kMagic.size() + kLengthBytes));
  PS_RETURN_IF_ERROR(file.ReadAt(kHeaderBytes, length + 1, bytes));
  if (Sha256Hex(bytes) != digest) return file.Damaged("has another message than its digest says");
  PS_ASSIGN_OR_RETURN(Outcome outcome, Parse(file, bytes));
  PS_ASSIGN_OR_RETURN(std::vector<SpooledArtifacts::Part> parts,
                      Parts(file, outcome, kHeaderBytes + bytes.size(), size));
  if (!parts.empty()) {
    outcome.artifacts = std::make_unique<SpooledArtifacts>(std::move(file), std::move(parts));
  }
  return outcome;
}

}  // namespace probesweep::worker
