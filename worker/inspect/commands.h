// The inspection commands: what the engine makes of one input, without a coordinator.
#ifndef PROBESWEEP_WORKER_INSPECT_COMMANDS_H_
#define PROBESWEEP_WORKER_INSPECT_COMMANDS_H_

#include <istream>
#include <ostream>
#include <string>

#include "absl/status/status.h"

namespace probesweep::worker {

struct TokenizeOptions {
  std::string checkpoint;          // folder with tokenizer.json
  bool add_special_tokens = true;  // those that the model puts around a text
};

// {"text": …} lines in, {"ids": […]} lines out, one for one. Errors name the line.
absl::Status Tokenize(const TokenizeOptions& options, std::istream& input, std::ostream& output);

struct ForwardOptions {
  std::string checkpoint;  // folder
  std::string prompts;     // JSON lines: {"text": …} or {"ids": […]}
  std::string out;         // safetensors file, written whole or not at all
  bool logits = false;     // write prompt_<i>.logits too
  int threads = 0;         // 0: all cores
};

// Runs the prompts and writes prompt_<i>.block_outputs, fp32 [layers, tokens, hidden], the residual stream
// after each block, before any final norm; with `logits`, prompt_<i>.logits, fp32 [tokens, vocab]; and
// prompt_<i>.input_ids, int64 [tokens].
absl::Status Forward(const ForwardOptions& options);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_INSPECT_COMMANDS_H_
