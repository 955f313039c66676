#ifndef PROBESWEEP_WORKER_TEXT_TOKENIZER_H_
#define PROBESWEEP_WORKER_TEXT_TOKENIZER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace probesweep::worker {

struct Piece;
struct TokenizerSource;
class WordCache;

using TokenIds = std::vector<int64_t>;

// Text to token ids and back, exactly as Hugging Face's tokenizers does it for a tokenizer.json with a BPE
// model (GPT-2, GPT-NeoX and Pythia, Llama, Qwen, …); docs/tokenizers.md says what is supported. `truncation`
// and `padding` of the file are not applied: statements are taken whole. Immutable but for caches;
// thread-safe.
//
//   text ─▶ added tokens ─▶ normalizer ─▶ pre-tokenizer ─▶ BPE ─▶ post-processor ─▶ ids ─▶ decoder ─▶ text
class Tokenizer {
 public:
  // Reads the tokenizer of a checkpoint's folder: tokenizer_files.h says from which files. Errors: NOT_FOUND,
  // saying what is supported; else as FromJson.
  static absl::StatusOr<std::unique_ptr<Tokenizer>> Open(const std::string& folder);

  // `name` stands for the file in messages. Errors: INVALID_ARGUMENT (not JSON, wrong fields), UNIMPLEMENTED
  // (a component or setting that is not implemented), each naming the file and the component.
  static absl::StatusOr<std::unique_ptr<Tokenizer>> FromJson(absl::string_view json, absl::string_view name);

  // From what ReadTokenizerFiles found. Errors: as FromJson.
  static absl::StatusOr<std::unique_ptr<Tokenizer>> FromSource(TokenizerSource source);

  ~Tokenizer();

  // The ids of `text`, without the special tokens that the model puts around a text unless
  // `add_special_tokens`. Special tokens written out in the text are found either way. Errors:
  // INVALID_ARGUMENT when the text is not UTF-8 (nothing is replaced: it would change the statement unseen)
  // or longer than kMaxTextBytes; FAILED_PRECONDITION when a character has no token and the tokenizer no
  // unknown token.
  absl::StatusOr<TokenIds> Encode(absl::string_view text, bool add_special_tokens = true) const;

  // As Encode, text by text and in order, on `threads` threads at once (at least one; this one is among
  // them). The results do not depend on how many. A text with an error does not keep the others from being
  // encoded.
  std::vector<absl::StatusOr<TokenIds>> EncodeBatch(absl::Span<const std::string> texts, int threads,
                                                    bool add_special_tokens = true) const;

  // The text of `ids`. Ids that no token has are left out; bytes that are not UTF-8 become U+FFFD.
  std::string Decode(const TokenIds& ids, bool skip_special_tokens = false) const;

  // How many tokens there are, added ones included. A model's embedding may have more rows.
  int64_t vocab_size() const;

 private:
  struct Parts;
  explicit Tokenizer(std::unique_ptr<Parts> parts);

  static absl::StatusOr<std::unique_ptr<Tokenizer>> Build(TokenizerSource source);

  absl::StatusOr<TokenIds> EncodeWith(absl::string_view text, bool add_special_tokens,
                                      WordCache* words) const;
  absl::Status EncodePiece(Piece piece, WordCache* words, TokenIds* ids) const;

  const std::unique_ptr<Parts> parts_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_TOKENIZER_H_
