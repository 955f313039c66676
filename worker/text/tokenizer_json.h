// Reading tokenizer.json and vocab.json without a tree of what makes them large.
#ifndef PROBESWEEP_WORKER_TEXT_TOKENIZER_JSON_H_
#define PROBESWEEP_WORKER_TEXT_TOKENIZER_JSON_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/text/tokenizer_source.h"

namespace probesweep::worker {

// Reads a tokenizer.json; `name` stands for the file in messages. Peak memory stays below three times the
// text's size. What is wrong with vocabulary and merges is in their fault(). Errors: as ParseJson.
absl::StatusOr<TokenizerSource> ParseTokenizerJson(absl::string_view text, absl::string_view name);

// Reads a vocab.json: the `json` that is returned has a `model` with `vocab` only, and there are no merges.
absl::StatusOr<TokenizerSource> ParseVocabularyJson(absl::string_view text, absl::string_view name);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_TOKENIZER_JSON_H_
