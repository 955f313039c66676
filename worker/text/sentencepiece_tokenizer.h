// A tokenizer from tokenizer.model alone.
#ifndef PROBESWEEP_WORKER_TEXT_SENTENCEPIECE_TOKENIZER_H_
#define PROBESWEEP_WORKER_TEXT_SENTENCEPIECE_TOKENIZER_H_

#include <string>

#include "absl/status/statusor.h"
#include "worker/text/sentencepiece_file.h"
#include "worker/text/tokenizer_config.h"
#include "worker/text/tokenizer_source.h"

namespace probesweep::worker {

// The tokenizer.json that transformers 4 writes for a LlamaTokenizer with this file and this configuration.
// `name` is the file's path. Errors: UNIMPLEMENTED (another model than BPE, another class of tokenizer, a
// table of characters, far more merges or control pieces than published files have), INVALID_ARGUMENT (a
// token that the file lacks), naming the file.
absl::StatusOr<TokenizerSource> SentencePieceTokenizer(SentencePieceFile file, const TokenizerConfig& config,
                                                       const std::string& name);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_SENTENCEPIECE_TOKENIZER_H_
