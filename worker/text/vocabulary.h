// The tokens of a vocabulary and their ids.
#ifndef PROBESWEEP_WORKER_TEXT_VOCABULARY_H_
#define PROBESWEEP_WORKER_TEXT_VOCABULARY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "worker/text/bpe_merge.h"

namespace probesweep::worker {

// Looked up both ways in some 25 bytes a token beside its text: a file of hardly more may come from anyone.
// Tokens are numbered as they come; they lie behind one another in one string. Together at most 4 GiB.
// Thread-safe once nothing is added.
class Vocabulary {
 public:
  Vocabulary();

  // A token given twice has the later id.
  void Add(absl::string_view token, TokenId id);

  // What is wrong with where the tokens come from, for whoever takes them; the first reason stays. Nothing is
  // added any more: it would be of no use.
  void Refuse(std::string fault);
  const std::string& fault() const { return fault_; }

  size_t size() const { return tokens_->ends.size(); }
  std::optional<TokenId> IdOf(absl::string_view token) const;

  // To be called once all are added, before TokenOf. Returns two tokens that have the same id, if there are.
  std::optional<std::pair<absl::string_view, absl::string_view>> OrderById();
  std::optional<absl::string_view> TokenOf(TokenId id) const;

 private:
  // Not moved with the vocabulary: the index points to it.
  struct Tokens {
    std::string text;
    std::vector<uint32_t> ends;  // in `text`
    std::vector<TokenId> ids;

    absl::string_view At(uint32_t number) const;
  };

  struct Hash {
    using is_transparent = void;
    const Tokens* tokens;
    size_t operator()(absl::string_view token) const;
    size_t operator()(uint32_t number) const { return (*this)(tokens->At(number)); }
  };

  struct Equal {
    using is_transparent = void;
    const Tokens* tokens;
    bool operator()(uint32_t a, uint32_t b) const { return a == b; }  // each token is there once
    bool operator()(uint32_t a, absl::string_view b) const { return tokens->At(a) == b; }
    bool operator()(absl::string_view a, uint32_t b) const { return a == tokens->At(b); }
  };

  std::unique_ptr<Tokens> tokens_;
  absl::flat_hash_set<uint32_t, Hash, Equal> index_;  // numbers of tokens, by their text
  std::vector<uint32_t> by_id_;                       // numbers of tokens, in the order of their ids
  std::string fault_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_VOCABULARY_H_
