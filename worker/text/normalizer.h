// What happens to text before it is cut: Unicode normal forms, replacements, case.
#ifndef PROBESWEEP_WORKER_TEXT_NORMALIZER_H_
#define PROBESWEEP_WORKER_TEXT_NORMALIZER_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/text/component.h"
#include "worker/text/piece.h"

namespace probesweep::worker {

// Immutable, thread-safe.
class Normalizer {
 public:
  virtual ~Normalizer() = default;
  // Changes the piece's text in place. Errors: INVALID_ARGUMENT (a regular expression gives up).
  virtual absl::Status Apply(Piece* piece) const = 0;
};

// Null for a null component: nothing to do. Errors: UNIMPLEMENTED, INVALID_ARGUMENT, naming the component.
absl::StatusOr<std::unique_ptr<Normalizer>> ReadNormalizer(const Component& component);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_NORMALIZER_H_
