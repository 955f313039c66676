// The inspection commands: what the engine makes of one input, without a coordinator.
#ifndef PROBESWEEP_WORKER_INSPECT_COMMANDS_H_
#define PROBESWEEP_WORKER_INSPECT_COMMANDS_H_

#include <cstdint>
#include <istream>
#include <optional>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "worker/inspect/pass_preview.h"
#include "worker/inspect/steer_flags.h"

namespace probesweep::worker {

struct TokenizeOptions {
  std::string checkpoint;          // folder with tokenizer.json or its like
  bool add_special_tokens = true;  // those that the model puts around a text
  bool decode = false;             // give the text that the ids stand for, too
  int threads = 0;                 // 0: all cores
};

// {"text": …} lines in, {"ids": […]} lines out, one for one; with `decode` {"ids": […], "text": …}. Reads
// some thousand lines ahead of what it writes. Errors name the line.
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

struct InspectOptions {
  std::string checkpoint;      // folder
  bool json = false;           // for scripts
  bool fingerprints = false;   // read all weights; give the digest and each tensor's fingerprint
  int64_t tokens = 100'000;    // of all statements; what the memory is estimated for
  int64_t statements = 5'000;  // of the largest dimension; likewise
  int threads = 0;             // likewise; 0: all cores
  PreviewOptions preview;      // of a pass over these datasets; without any there is none
};

// What the checkpoint is, what a pass over it needs, and what keeps it from being probed; the plan of a pass
// when there are datasets and nothing keeps it. The error is the first of these, after everything was
// written.
absl::Status Inspect(const InspectOptions& options, std::ostream& output);

struct GenerateOptions {
  std::string checkpoint;      // folder
  std::string prompts;         // JSON lines: {"text": …} or {"ids": […]}
  int64_t max_new_tokens = 0;  // at least 1
  SteerFlags steer;
  // Greedy without any of these three; what is not given of them is 1, all tokens, and 1.
  std::optional<double> temperature;
  std::optional<int64_t> top_k;
  std::optional<double> top_p;
  uint64_t seed = 0;
  bool ignore_eos = false;  // go on behind tokens that end a text
  int64_t batch = 16;       // prompts that go side by side
  int threads = 0;          // 0: all cores
};

// Continues the prompts. A line for each, in order, as soon as its batch is done: {"ids": […], "text": …},
// the prompt's ids and the new ones, and what they stand for without special tokens; no text where the folder
// has no tokenizer. Errors name the line.
absl::Status Generate(const GenerateOptions& options, std::ostream& output);

struct ScoreOptions {
  std::string checkpoint;          // folder
  std::string prompts;             // JSON lines, as ReadScoreLines takes them
  bool add_special_tokens = true;  // those that the model puts around a text
  int threads = 0;                 // 0: all cores
};

// How likely the model finds each continuation of its context. A line for each, in order:
// {"log_likelihood": …, "tokens": …, "greedy": …}. Errors name the line.
absl::Status ScoreLines(const ScoreOptions& options, std::ostream& output);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_INSPECT_COMMANDS_H_
