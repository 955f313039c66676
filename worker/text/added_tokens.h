// Tokens found in the text before the model sees it: special ones, and words added after training.
#ifndef PROBESWEEP_WORKER_TEXT_ADDED_TOKENS_H_
#define PROBESWEEP_WORKER_TEXT_ADDED_TOKENS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/text/bpe.h"
#include "worker/text/component.h"
#include "worker/text/normalizer.h"
#include "worker/text/piece.h"
#include "worker/text/string_trie.h"

namespace probesweep::worker {

// A part of a text: an added token, or text that is none.
struct Segment {
  std::optional<int64_t> token;
  Piece piece;  // the text; empty for a token
};

// Immutable, thread-safe.
class AddedTokens {
 public:
  // Reads `added_tokens` (null: none). As in the original, an id is what the model's vocabulary says, or the
  // next one free; the id in the file only documents it. `normalizer` may be null.
  static absl::StatusOr<AddedTokens> Read(const Component& root, const BpeModel& model,
                                          const Normalizer* normalizer);

  // Cuts `piece` at the tokens that are looked for in the text as it came (`normalized` false), or as the
  // normalizer left it (true). Of tokens that begin at one place the longest is taken.
  std::vector<Segment> Cut(Piece piece, bool normalized) const;

  // What a decoder gets for `id`; null when it is not an added token.
  const std::string* IdToToken(int64_t id) const;
  bool IsSpecial(absl::string_view token) const { return special_.contains(token); }
  // How many there are beyond the model's vocabulary.
  size_t beyond_model() const { return beyond_model_; }

 private:
  struct Token {
    std::string content;
    std::string normal_form;   // what is looked for and decoded; the content unless normalized
    bool single_word = false;  // only where no word character is beside it
    bool lstrip = false;       // takes the white space on its left with it
    bool rstrip = false;
    bool normalized = false;
    bool special = false;
  };

  static absl::StatusOr<Token> ReadToken(const Component& component, const Normalizer* normalizer);
  absl::Status Add(Token token, const BpeModel& model);
  absl::Status BuildTries(const Component& root);
  bool Accepts(const Token& token, absl::string_view text, size_t begin, size_t end) const;

  absl::btree_map<int64_t, Token> tokens_;  // by id
  absl::flat_hash_map<std::string, int64_t> ids_;
  absl::flat_hash_set<std::string> special_;
  StringTrie raw_;
  StringTrie normalized_;
  size_t beyond_model_ = 0;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_ADDED_TOKENS_H_
