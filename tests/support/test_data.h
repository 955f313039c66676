// Where test data lies.
#ifndef PROBESWEEP_TESTS_SUPPORT_TEST_DATA_H_
#define PROBESWEEP_TESTS_SUPPORT_TEST_DATA_H_

#include <string>

namespace probesweep::testing {

// The checkout; binaries under build/bin. Both from the environment that ctest sets.
std::string SourceDir();
std::string BinDir();

// "<checkout>/../shared/data" or $PROBESWEEP_SHARED_DATA: data that may not be copied into the project.
// Empty when absent; tests that need it then skip by name:
//   if (SharedData().empty()) GTEST_SKIP() << "shared/data is not here";
std::string SharedData();

// A fresh folder, removed when the object dies.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace probesweep::testing

#endif  // PROBESWEEP_TESTS_SUPPORT_TEST_DATA_H_
