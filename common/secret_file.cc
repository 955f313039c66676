#include "common/secret_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/status.h"

namespace probesweep {
namespace {

constexpr uint64_t kMaxTokenFileBytes = 4096;

}  // namespace

absl::Status CheckFileGuard(const std::string& path, FileGuard guard, const std::string& flag) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return Annotate(ErrnoStatus(errno, "read", path), flag);
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        flag, " ", path, ": users other than its owner can change this file; run `chmod go-w ", path, "`"));
  }
  if (guard == FileGuard::kNotReadableByOthers && (info.st_mode & S_IROTH) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        flag, " ", path, ": every user of this machine can read this secret; run `chmod o-rwx ", path, "`"));
  }
  return absl::OkStatus();
}

absl::Status CheckToken(absl::string_view token, const std::string& where) {
  const bool plain = std::all_of(token.begin(), token.end(),
                                 [](char c) { return absl::ascii_isgraph(static_cast<unsigned char>(c)); });
  if (plain && token.size() >= kMinTokenLength && token.size() <= kMaxTokenLength) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(where, ": this is no token, which has ", kMinTokenLength, " to ", kMaxTokenLength,
                   " printable characters and no blanks; make one with `openssl rand -hex 32`"));
}

absl::StatusOr<std::string> ReadTokenFile(const std::string& path, const std::string& flag) {
  PS_RETURN_IF_ERROR(CheckFileGuard(path, FileGuard::kNotReadableByOthers, flag));
  absl::StatusOr<std::string> text = ReadFile(path, kMaxTokenFileBytes);
  if (!text.ok()) return Annotate(text.status(), flag);
  const std::string token(absl::StripAsciiWhitespace(*text));
  PS_RETURN_IF_ERROR(CheckToken(token, absl::StrCat(flag, " ", path)));
  return token;
}

}  // namespace probesweep
