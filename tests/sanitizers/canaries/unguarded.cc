// Must be refused by clang's thread-safety analysis (../thread_safety.py): a member is read without its
// mutex.
#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

class Counter {
 public:
  int Read() const { return count_; }

 private:
  mutable absl::Mutex mutex_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

int main() { return Counter().Read(); }
