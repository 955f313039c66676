#ifndef PROBESWEEP_WORKER_TEXT_TOKENIZER_KIND_H_
#define PROBESWEEP_WORKER_TEXT_TOKENIZER_KIND_H_

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace probesweep::worker {

// What a tokenizer is, in words: "byte-level BPE", "BPE with byte fallback", "Unigram". `json`: in the terms
// of tokenizer.json.
std::string TokenizerKind(const nlohmann::json& json);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_TOKENIZER_KIND_H_
