#ifndef PROBESWEEP_WORKER_CHECKPOINT_FINGERPRINT_H_
#define PROBESWEEP_WORKER_CHECKPOINT_FINGERPRINT_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace probesweep::worker {

// XXH3, 128 bits, incremental: tells tensors apart as fast as they can be read. Not for secrets. Not
// thread-safe.
class Fingerprint {
 public:
  Fingerprint();
  ~Fingerprint();
  Fingerprint(const Fingerprint&) = delete;
  Fingerprint& operator=(const Fingerprint&) = delete;

  void Update(absl::string_view bytes);
  // 32 lower-case hex digits, as `xxhsum -H128` prints them.
  std::string Hex() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_CHECKPOINT_FINGERPRINT_H_
