// Must be reported by ThreadSanitizer (../tsan.sh) when it is called with "race", and not without: two
// threads count, under an absl::Mutex or without it.
#include <cstring>
#include <thread>

#include "absl/synchronization/mutex.h"

int main(int argc, char** argv) {
  const bool race = argc > 1 && std::strcmp(argv[1], "race") == 0;
  absl::Mutex mutex;
  int count = 0;
  const auto add = [&] {
    for (int i = 0; i < 1'000; ++i) {
      if (race) {
        ++count;
      } else {
        absl::MutexLock lock(&mutex);
        ++count;
      }
    }
  };
  std::thread other(add);
  add();
  other.join();
  // Waiting for a condition, which an absl without instrumentation hides from ThreadSanitizer too.
  bool ready = false;
  std::thread setter([&] {
    absl::MutexLock lock(&mutex);
    count = 1;
    ready = true;
  });
  {
    absl::MutexLock lock(&mutex);
    mutex.Await(absl::Condition(&ready));
  }
  const int seen = count;
  setter.join();
  return seen == 1 ? 0 : 1;
}
