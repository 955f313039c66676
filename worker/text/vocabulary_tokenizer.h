// A tokenizer from vocab.json and merges.txt, as the repositories of GPT-2 and OPT have them.
#ifndef PROBESWEEP_WORKER_TEXT_VOCABULARY_TOKENIZER_H_
#define PROBESWEEP_WORKER_TEXT_VOCABULARY_TOKENIZER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/text/tokenizer_config.h"
#include "worker/text/tokenizer_source.h"

namespace probesweep::worker {

// The tokenizer.json that transformers writes for the folder's class of tokenizer: GPT2Tokenizer,
// GPTNeoXTokenizer or Qwen2Tokenizer. `vocabulary` is as ParseVocabularyJson gives it, `merges` a merges.txt.
// Errors: UNIMPLEMENTED (another class, or none given nor known from the model_type), INVALID_ARGUMENT,
// naming the file.
absl::StatusOr<TokenizerSource> VocabularyTokenizer(TokenizerSource vocabulary, absl::string_view merges,
                                                    const TokenizerConfig& config, const std::string& folder);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_VOCABULARY_TOKENIZER_H_
