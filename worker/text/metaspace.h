// Metaspace, as pre-tokenizer and as decoder: spaces written as a mark ("▁").
#ifndef PROBESWEEP_WORKER_TEXT_METASPACE_H_
#define PROBESWEEP_WORKER_TEXT_METASPACE_H_

#include <string>

#include "absl/status/statusor.h"
#include "worker/text/component.h"

namespace probesweep::worker {

struct Metaspace {
  // Whether a mark is put before text that begins without one: every text, that at the whole text's start,
  // none.
  enum class Prepend { kAlways, kFirst, kNever };

  std::string replacement;  // one character
  Prepend prepend = Prepend::kAlways;
  bool split = true;  // cut before each mark

  static absl::StatusOr<Metaspace> Read(const Component& component);
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_METASPACE_H_
