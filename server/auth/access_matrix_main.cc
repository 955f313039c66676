// Writes the access matrix into a page: probesweep-access-matrix docs/security.md.
#include <cstdio>
#include <string>

#include "common/file.h"
#include "common/status.h"
#include "server/auth/access_page.h"

namespace probesweep::server {
namespace {

absl::Status Rewrite(const std::string& path) {
  PS_ASSIGN_OR_RETURN(const std::string page, ReadFile(path));
  PS_ASSIGN_OR_RETURN(const std::string rewritten, WithAccessMatrix(page));
  return WriteFileAtomically(path, rewritten);
}

}  // namespace
}  // namespace probesweep::server

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: probesweep-access-matrix docs/security.md\n", stderr);
    return probesweep::kExitUsage;
  }
  const absl::Status status = probesweep::server::Rewrite(argv[1]);
  if (!status.ok()) {
    std::fprintf(stderr, "probesweep-access-matrix: %s\n", std::string(status.message()).c_str());
  }
  return probesweep::ExitCodeFor(status);
}
