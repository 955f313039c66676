// Tokens found in the text before the model sees it: special ones, and words added after training.
#ifndef PROBESWEEP_WORKER_TEXT_ADDED_TOKENS_H_
#define PROBESWEEP_WORKER_TEXT_ADDED_TOKENS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
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

// Immutable, thread-safe. Is moved, never copied: its maps point to its tokens.
class AddedTokens {
 public:
  AddedTokens() = default;
  AddedTokens(AddedTokens&&) = default;
  AddedTokens& operator=(AddedTokens&&) = default;

  // Reads `added_tokens` (null: none). As in the original, an id is what the model's vocabulary says, or the
  // next one free; the id in the file only documents it. `normalizer` may be null.
  static absl::StatusOr<AddedTokens> Read(const Component& root, const BpeModel& model,
                                          const Normalizer* normalizer);

  // Cuts `piece` at the tokens that are looked for in the text as it came (`normalized` false), or as the
  // normalizer left it (true). Of tokens that begin at one place the longest is taken.
  std::vector<Segment> Cut(Piece piece, bool normalized) const;

  // What a decoder gets for `id`; nothing when it is not an added token.
  std::optional<absl::string_view> IdToToken(int64_t id) const;
  bool IsSpecial(absl::string_view token) const;
  // How many there are beyond the model's vocabulary.
  size_t beyond_model() const { return beyond_model_; }

 private:
  struct Token {
    std::string content;
    std::optional<std::string> normal_form;  // where it is not the content
    bool single_word = false;                // only where no word character is beside it
    bool lstrip = false;                     // takes the white space on its left with it
    bool rstrip = false;
    bool normalized = false;
    bool special = false;

    // What is looked for and decoded.
    absl::string_view Text() const { return normal_form.has_value() ? *normal_form : content; }
  };

  struct Known {
    int64_t id = 0;
    bool special = false;  // any of those with this content
  };

  static absl::StatusOr<Token> ReadToken(const Component& component, const Normalizer* normalizer);
  absl::Status Add(Token token, const BpeModel& model);
  absl::Status BuildTries(const Component& root);
  bool Accepts(const Token& token, absl::string_view text, size_t begin, size_t end) const;

  std::deque<Token> tokens_;  // stay where they are: the maps below point to them
  absl::btree_map<int64_t, const Token*> by_id_;
  absl::flat_hash_map<absl::string_view, Known> by_content_;
  StringTrie raw_;
  StringTrie normalized_;
  size_t beyond_model_ = 0;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_ADDED_TOKENS_H_
