// A tokenizer from vocab.json and merges.txt, as the repositories of GPT-2 and OPT have them.
#ifndef PROBESWEEP_WORKER_TEXT_VOCABULARY_TOKENIZER_H_
#define PROBESWEEP_WORKER_TEXT_VOCABULARY_TOKENIZER_H_

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/text/tokenizer_config.h"

namespace probesweep::worker {

// The tokenizer.json that transformers writes for the folder's class of tokenizer: GPT2Tokenizer,
// GPTNeoXTokenizer or Qwen2Tokenizer. Errors: UNIMPLEMENTED (another class, or none given nor known from the
// model_type), INVALID_ARGUMENT, naming the file.
absl::StatusOr<nlohmann::json> VocabularyTokenizer(nlohmann::json vocabulary, absl::string_view merges,
                                                   const TokenizerConfig& config, const std::string& folder);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_VOCABULARY_TOKENIZER_H_
