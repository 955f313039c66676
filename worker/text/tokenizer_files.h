// Which files of a checkpoint's folder hold its tokenizer.
#ifndef PROBESWEEP_WORKER_TEXT_TOKENIZER_FILES_H_
#define PROBESWEEP_WORKER_TEXT_TOKENIZER_FILES_H_

#include <string>

#include "absl/status/statusor.h"
#include "worker/text/tokenizer_source.h"

namespace probesweep::worker {

// The first of: tokenizer.json; tokenizer.model; vocab.json with merges.txt. What stands beside it
// (tokenizer_config.h) is worked in as docs/tokenizers.md says. Errors: NOT_FOUND, saying what is supported;
// INVALID_ARGUMENT, UNIMPLEMENTED, naming file and field.
absl::StatusOr<TokenizerSource> ReadTokenizerFiles(const std::string& folder);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_TOKENIZER_FILES_H_
