// From tokens back to text.
#ifndef PROBESWEEP_WORKER_TEXT_DECODER_H_
#define PROBESWEEP_WORKER_TEXT_DECODER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/text/component.h"

namespace probesweep::worker {

// Immutable, thread-safe.
class Decoder {
 public:
  virtual ~Decoder() = default;
  // Turns tokens into parts of text, which, joined, are the text or the next decoder's tokens. All are
  // well-formed UTF-8. A regular expression that gives up leaves a token as it is: decoded text is for people
  // to read.
  virtual std::vector<std::string> Decode(std::vector<std::string> tokens) const = 0;
  // How many times longer it may make a text, at most; all above kMaxGrowth is one. Most only shorten.
  virtual size_t Growth() const { return 1; }
};

// Null for a null component: tokens joined by spaces. Errors: UNIMPLEMENTED, INVALID_ARGUMENT, naming the
// component.
absl::StatusOr<std::unique_ptr<Decoder>> ReadDecoder(const Component& component);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_DECODER_H_
