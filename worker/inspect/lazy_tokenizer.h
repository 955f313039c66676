#ifndef PROBESWEEP_WORKER_INSPECT_LAZY_TOKENIZER_H_
#define PROBESWEEP_WORKER_INSPECT_LAZY_TOKENIZER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "worker/text/tokenizer.h"

namespace probesweep::worker {

// A checkpoint's tokenizer, opened when it is first needed: token ids do without one. Not thread-safe.
class LazyTokenizer {
 public:
  explicit LazyTokenizer(const std::string& folder) : folder_(folder) {}

  // Errors: as Tokenizer::Open.
  absl::StatusOr<const Tokenizer*> Get();

 private:
  const std::string folder_;
  std::unique_ptr<Tokenizer> tokenizer_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_INSPECT_LAZY_TOKENIZER_H_
