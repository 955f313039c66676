#ifndef PROBESWEEP_WORKER_TEXT_TOKENIZER_H_
#define PROBESWEEP_WORKER_TEXT_TOKENIZER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace probesweep::worker {

struct Piece;

// Text to token ids and back, exactly as Hugging Face's tokenizers does it for a tokenizer.json with a BPE
// model (GPT-2, GPT-NeoX and Pythia, Llama, Qwen, …). `truncation` and `padding` of the file are not applied:
// statements are taken whole. Immutable and thread-safe.
//
//   text ─▶ added tokens ─▶ normalizer ─▶ pre-tokenizer ─▶ BPE ─▶ post-processor ─▶ ids ─▶ decoder ─▶ text
class Tokenizer {
 public:
  // Reads <folder>/tokenizer.json. Errors: NOT_FOUND, saying what is supported; else as FromJson.
  static absl::StatusOr<std::unique_ptr<Tokenizer>> Open(const std::string& folder);

  // `name` stands for the file in messages. Errors: INVALID_ARGUMENT (not JSON, wrong fields), UNIMPLEMENTED
  // (a component or setting that is not implemented), each naming the file and the component.
  static absl::StatusOr<std::unique_ptr<Tokenizer>> FromJson(absl::string_view json, absl::string_view name);

  ~Tokenizer();

  // The ids of `text`, without the special tokens that the model puts around a text unless
  // `add_special_tokens`. Special tokens written out in the text are found either way. Errors:
  // INVALID_ARGUMENT when the text is not UTF-8 (nothing is replaced: it would change the statement unseen)
  // or longer than kMaxTextBytes; FAILED_PRECONDITION when a character has no token and the tokenizer no
  // unknown token.
  absl::StatusOr<std::vector<int64_t>> Encode(absl::string_view text, bool add_special_tokens = true) const;

  // The text of `ids`. Ids that no token has are left out; bytes that are not UTF-8 become U+FFFD.
  std::string Decode(const std::vector<int64_t>& ids, bool skip_special_tokens = false) const;

  // How many tokens there are, added ones included. A model's embedding may have more rows.
  int64_t vocab_size() const;

  // SHA-256 of the JSON: equal digests mean equal ids.
  const std::string& digest() const;

 private:
  struct Parts;
  explicit Tokenizer(std::unique_ptr<Parts> parts);

  absl::Status EncodePiece(Piece piece, std::vector<int64_t>* ids) const;

  const std::unique_ptr<const Parts> parts_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_TOKENIZER_H_
