#include "server/auth/access_page.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "server/auth/access_table.h"

namespace probesweep::server {
namespace {

constexpr absl::string_view kBegin = "<!-- access matrix: written by probesweep-access-matrix -->\n";
constexpr absl::string_view kEnd = "<!-- end of access matrix -->\n";

// "SweepService/GetSweep", "grpc.health.v1.Health/Check".
std::string ShortName(absl::string_view method) {
  absl::ConsumePrefix(&method, "/");
  absl::ConsumePrefix(&method, "probesweep.v1.");
  return std::string(method);
}

}  // namespace

std::string AccessMatrix() {
  std::string text = "| RPC | no login |";
  for (const Role role : kRoles) absl::StrAppend(&text, " ", RoleName(role), " |");
  absl::StrAppend(&text, " audited |\n|---|---|");
  for (size_t i = 0; i < std::size(kRoles); ++i) absl::StrAppend(&text, "---|");
  absl::StrAppend(&text, "---|\n");
  for (const AccessRule& rule : AccessTable()) {
    absl::StrAppend(&text, "| `", ShortName(rule.method), "` | ", rule.open ? "yes" : "–", " |");
    for (const Role role : kRoles) absl::StrAppend(&text, rule.roles.Has(role) ? " yes |" : " – |");
    absl::StrAppend(&text, rule.audited ? " yes |\n" : " – |\n");
  }
  return text;
}

absl::StatusOr<std::string> WithAccessMatrix(const std::string& page) {
  const size_t begin = page.find(kBegin.data(), 0, kBegin.size());
  const size_t end = page.find(kEnd.data(), 0, kEnd.size());
  if (begin == std::string::npos || end == std::string::npos || end < begin) {
    return absl::InvalidArgumentError(
        absl::StrCat("the page lacks the marks between which the matrix stands:\n", kBegin, kEnd));
  }
  return absl::StrCat(page.substr(0, begin + kBegin.size()), AccessMatrix(), page.substr(end));
}

}  // namespace probesweep::server
