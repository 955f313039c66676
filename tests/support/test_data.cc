#include "tests/support/test_data.h"

#include <cstdlib>
#include <filesystem>

namespace probesweep::testing {
namespace {

std::string Environment(const char* name, const std::string& fallback) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : fallback;
}

}  // namespace

std::string SourceDir() { return Environment("PROBESWEEP_SOURCE_DIR", "."); }
std::string BinDir() { return Environment("PROBESWEEP_BIN_DIR", SourceDir() + "/build/release/bin"); }

std::string SharedData() {
  const std::string path = Environment("PROBESWEEP_SHARED_DATA", SourceDir() + "/../shared/data");
  return std::filesystem::is_directory(path) ? path : "";
}

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "probesweep-XXXXXX").string();
  path_ = ::mkdtemp(pattern.data()) != nullptr ? pattern : "";
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace probesweep::testing
