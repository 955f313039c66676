#ifndef PROBESWEEP_WORKER_INSPECT_PROMPT_FILE_H_
#define PROBESWEEP_WORKER_INSPECT_PROMPT_FILE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/inspect/lazy_tokenizer.h"

namespace probesweep::worker {

struct PromptFile {
  std::vector<std::vector<int64_t>> prompts;  // token ids, none empty
  std::vector<std::string> where;             // "file:line" of each, for messages
};

// Reads JSON lines, {"text": …} or {"ids": […]}. Errors: those of reading the file and of the tokenizer;
// INVALID_ARGUMENT naming the line; a file without a prompt.
absl::StatusOr<PromptFile> ReadPromptFile(const std::string& path, LazyTokenizer& tokenizer);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_INSPECT_PROMPT_FILE_H_
