#include "worker/inspect/lazy_tokenizer.h"

#include "common/status.h"

namespace probesweep::worker {

absl::StatusOr<const Tokenizer*> LazyTokenizer::Get() {
  if (tokenizer_ == nullptr) {
    PS_ASSIGN_OR_RETURN(tokenizer_, Tokenizer::Open(folder_));
  }
  return tokenizer_.get();
}

}  // namespace probesweep::worker
