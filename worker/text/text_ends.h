// The tokens before and behind a text, in the terms of tokenizer.json.
#ifndef PROBESWEEP_WORKER_TEXT_TEXT_ENDS_H_
#define PROBESWEEP_WORKER_TEXT_TEXT_ENDS_H_

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "worker/text/vocabulary.h"

namespace probesweep::worker {

struct TextEnds {
  std::string begin;  // content of the token before the text
  std::string end;
  bool add_begin = false;
  bool add_end = false;
};

// The post-processor that puts `ends` around a text: `added_tokens`, a list as in tokenizer.json, must hold
// them. Errors: INVALID_ARGUMENT naming `file` and the token that is not there.
absl::StatusOr<nlohmann::json> PutAround(const TextEnds& ends, const nlohmann::json& added_tokens,
                                         const Vocabulary& vocabulary, const std::string& file);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_TEXT_ENDS_H_
