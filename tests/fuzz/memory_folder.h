// A folder for targets whose reader wants a path.
#ifndef PROBESWEEP_TESTS_FUZZ_MEMORY_FOLDER_H_
#define PROBESWEEP_TESTS_FUZZ_MEMORY_FOLDER_H_

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "absl/strings/string_view.h"
#include "tests/fuzz/expect.h"

namespace probesweep::fuzz {

// In memory where the system has such a place; removed when the object dies.
class MemoryFolder {
 public:
  MemoryFolder() {
    const char* const parent = std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : "/tmp";
    path_ = std::string(parent) + "/probesweep-fuzz-XXXXXX";
    Expect(::mkdtemp(path_.data()) != nullptr, "a folder can be made");
  }
  ~MemoryFolder() { std::filesystem::remove_all(path_); }
  MemoryFolder(const MemoryFolder&) = delete;
  MemoryFolder& operator=(const MemoryFolder&) = delete;

  const std::string& path() const { return path_; }

  void Write(const std::string& name, absl::string_view bytes) const {
    std::FILE* const file = std::fopen((path_ + "/" + name).c_str(), "wb");
    Expect(file != nullptr && std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size(),
           "a file can be written");
    std::fclose(file);
  }

 private:
  std::string path_;
};

}  // namespace probesweep::fuzz

#endif  // PROBESWEEP_TESTS_FUZZ_MEMORY_FOLDER_H_
