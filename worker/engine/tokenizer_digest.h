#ifndef PROBESWEEP_WORKER_ENGINE_TOKENIZER_DIGEST_H_
#define PROBESWEEP_WORKER_ENGINE_TOKENIZER_DIGEST_H_

#include <string>

#include "absl/status/statusor.h"

namespace probesweep::worker {

// Names the tokenizer of a checkpoint's folder: SHA-256 over the files that Tokenizer::Open reads, 64 hex
// digits. The files, in this order: the first of tokenizer.json; tokenizer.model; vocab.json with merges.txt.
// Then those of tokenizer_config.json, special_tokens_map.json, added_tokens.json that are there. Of each its
// name and its bytes, both as `Sha256::UpdateField` writes them: length in decimal, ':', the bytes. (Of
// config.json, too, a tokenizer takes the model's type; that file is the model's and is not among these.)
//
// Errors: NOT_FOUND when there is no tokenizer; as ReadFile.
absl::StatusOr<std::string> TokenizerDigest(const std::string& folder);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ENGINE_TOKENIZER_DIGEST_H_
