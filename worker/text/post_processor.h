// What is put around a text's ids: the special tokens of the model.
#ifndef PROBESWEEP_WORKER_TEXT_POST_PROCESSOR_H_
#define PROBESWEEP_WORKER_TEXT_POST_PROCESSOR_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/text/component.h"

namespace probesweep::worker {

// Immutable, thread-safe. Every implemented kind comes down to a list of parts: the text, or given ids.
class PostProcessor {
 public:
  // Null: the text alone. Errors: UNIMPLEMENTED, INVALID_ARGUMENT, naming the component.
  static absl::StatusOr<PostProcessor> Read(const Component& component);

  // With `add_special_tokens` false the parts that are not the text are left out.
  std::vector<int64_t> Apply(std::vector<int64_t> text, bool add_special_tokens) const;

 private:
  struct Part {
    bool is_text = false;
    std::vector<int64_t> ids;  // when it is not the text
  };

  static absl::StatusOr<PostProcessor> ReadSequence(const Component& component);
  static absl::StatusOr<PostProcessor> ReadTemplate(const Component& component);
  static absl::StatusOr<PostProcessor> ReadClassifier(const Component& component);

  // Unset: the text alone.
  std::optional<std::vector<Part>> parts_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_POST_PROCESSOR_H_
