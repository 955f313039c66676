#include "server/auth/login_file.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/printable.h"
#include "common/secret_file.h"
#include "common/status.h"

namespace probesweep::server {
namespace {

constexpr uint64_t kMaxFileBytes = 4 << 20;  // some ten thousand lines
constexpr size_t kMaxNameLength = 64;

absl::Status CheckName(absl::string_view name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("_-.@", c);
  });
  if (plain && !name.empty() && name.size() <= kMaxNameLength) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("'", Printable(name, 40), "' is no name, which has 1 to ",
                                                 kMaxNameLength, " letters, digits, '_', '-', '.', '@'"));
}

absl::StatusOr<Credential> ParseCredential(absl::string_view text) {
  constexpr Credential::Kind kKinds[] = {Credential::Kind::kToken, Credential::Kind::kCommonName,
                                         Credential::Kind::kUri, Credential::Kind::kDns};
  for (const Credential::Kind kind : kKinds) {
    absl::string_view value = text;
    if (!absl::ConsumePrefix(&value, absl::StrCat(KindName(kind), ":"))) continue;
    if (kind == Credential::Kind::kToken) {
      if (IsDigest(value)) return Credential{kind, std::string(value)};
      return absl::InvalidArgumentError(
          "sha256: must be followed by 64 lower-case hex digits, the SHA-256 of the token: "
          "`printf %s \"$TOKEN\" | sha256sum`");
    }
    if (value.empty()) return absl::InvalidArgumentError(absl::StrCat("no name follows ", text));
    if (std::count(value.begin(), value.end(), '*') > 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", Printable(text, 80), "' has more than one '*'; write one at most"));
    }
    return Credential{kind, std::string(value)};
  }
  // Not quoted: it may be a token that someone wrote down in place of its digest.
  return absl::InvalidArgumentError(
      "the third field is none of sha256:DIGEST, cn:NAME, uri:URI, dns:NAME (the token itself does not "
      "belong "
      "into this file)");
}

absl::StatusOr<Login> ParseLine(absl::string_view line) {
  const std::vector<absl::string_view> fields =
      absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (fields.size() != 3) {
    return absl::InvalidArgumentError(
        absl::StrCat(fields.size(), " fields; write NAME ROLE[,ROLE] CREDENTIAL"));
  }
  Login login;
  PS_RETURN_IF_ERROR(CheckName(fields[0]));
  login.name = std::string(fields[0]);
  PS_ASSIGN_OR_RETURN(login.roles, ParseRoles(fields[1]));
  PS_ASSIGN_OR_RETURN(login.credential, ParseCredential(fields[2]));
  return login;
}

}  // namespace

const char* KindName(Credential::Kind kind) {
  switch (kind) {
    case Credential::Kind::kToken:
      return "sha256";
    case Credential::Kind::kCommonName:
      return "cn";
    case Credential::Kind::kUri:
      return "uri";
    case Credential::Kind::kDns:
      return "dns";
  }
  return "unknown";
}

absl::StatusOr<std::vector<Login>> ParseLogins(absl::string_view text, const std::string& path) {
  std::vector<Login> logins;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line.front() == '#') continue;
    absl::StatusOr<Login> login = ParseLine(line);
    if (!login.ok()) return Annotate(login.status(), absl::StrCat(path, ":", number));
    logins.push_back(*std::move(login));
  }
  if (!logins.empty()) return logins;
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": nobody is in this file, so nobody could do anything; see docs/security.md"));
}

absl::StatusOr<std::vector<Login>> ReadLoginFile(const std::string& path) {
  PS_RETURN_IF_ERROR(CheckFileGuard(path, FileGuard::kNotWritableByOthers, "--tokens"));
  absl::StatusOr<std::string> text = ReadFile(path, kMaxFileBytes);
  if (!text.ok()) return Annotate(text.status(), "--tokens");
  return ParseLogins(*text, path);
}

}  // namespace probesweep::server
