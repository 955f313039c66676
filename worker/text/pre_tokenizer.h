// Cutting text into words, within which the model then works.
#ifndef PROBESWEEP_WORKER_TEXT_PRE_TOKENIZER_H_
#define PROBESWEEP_WORKER_TEXT_PRE_TOKENIZER_H_

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/text/component.h"
#include "worker/text/piece.h"

namespace probesweep::worker {

// Immutable, thread-safe.
class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  // Appends the parts of `piece`, none empty, to `parts`. Errors: INVALID_ARGUMENT (a regular expression
  // gives up).
  virtual absl::Status Cut(Piece piece, std::vector<Piece>* parts) const = 0;
};

// Null for a null component: the whole text is one word. Errors: UNIMPLEMENTED, INVALID_ARGUMENT, naming the
// component.
absl::StatusOr<std::unique_ptr<PreTokenizer>> ReadPreTokenizer(const Component& component);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_PRE_TOKENIZER_H_
