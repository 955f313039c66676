// Byte-pair encoding of single words.
#ifndef PROBESWEEP_WORKER_TEXT_BPE_H_
#define PROBESWEEP_WORKER_TEXT_BPE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/text/bpe_merge.h"
#include "worker/text/component.h"
#include "worker/text/merge_list.h"
#include "worker/text/vocabulary.h"
#include "worker/text/word_cache.h"

namespace probesweep::worker {

// A vocabulary and ranked merges. A word starts as its characters; the neighbouring pair of lowest rank, the
// leftmost of equals, is merged until no pair has a rank. Immutable, thread-safe.
class BpeModel {
 public:
  // Reads the `model` of tokenizer.json, with what tokenizer_source.h keeps beside it. Errors: UNIMPLEMENTED
  // (another model, dropout), INVALID_ARGUMENT (a merge of tokens that are not in the vocabulary, wrong
  // fields), naming the component.
  static absl::StatusOr<std::unique_ptr<BpeModel>> Read(const Component& component, Vocabulary vocabulary,
                                                        const MergeList& merges);

  // Appends the ids of `word` (well-formed UTF-8, as the pre-tokenizer left it); `cache` is for words of this
  // model. A character that is not in
  // the vocabulary becomes its bytes (byte_fallback), else the unknown token, else nothing. Errors:
  // FAILED_PRECONDITION when the unknown token is needed and is not in the vocabulary.
  absl::Status Encode(absl::string_view word, WordCache* cache, std::vector<int64_t>* ids) const;

  std::optional<int64_t> TokenToId(absl::string_view token) const;
  // Nothing for an id that no token has.
  std::optional<absl::string_view> IdToToken(int64_t id) const;
  size_t vocab_size() const { return vocabulary_.size(); }

 private:
  struct Options {
    std::optional<std::string> unknown_token;
    std::string continuing_prefix;   // before every character of a word but the first
    std::string end_of_word_suffix;  // behind a word's last character
    bool fuse_unknown = false;       // unknown characters in a row become one unknown token
    bool byte_fallback = false;
    bool ignore_merges = false;  // a word that is in the vocabulary is not taken apart
  };

  BpeModel() = default;
  absl::Status ReadOptions(const Component& component);
  absl::Status ReadVocabulary(const Component& component);
  absl::Status ReadMerges(const Component& component, const MergeList& merges);
  absl::Status AddMerge(const Component& component, absl::string_view left, absl::string_view right,
                        size_t rank);

  // The character [begin, end) of `word` with the prefix and the suffix that its place asks for.
  std::string Decorated(absl::string_view word, size_t begin, size_t end) const;
  // Its token, if it has one.
  std::optional<TokenId> FindCharacter(absl::string_view word, size_t begin, size_t end) const;
  // The ids of the word's characters, before any merge.
  absl::StatusOr<std::vector<TokenId>> Characters(absl::string_view word) const;
  // The tokens of `text`'s bytes; empty unless every byte has one.
  std::vector<TokenId> ByteTokens(absl::string_view text) const;
  absl::StatusOr<TokenId> UnknownToken(absl::string_view character) const;

  Options options_;
  Vocabulary vocabulary_;
  std::optional<TokenId> byte_tokens_[256];
  std::array<std::optional<TokenId>, 128> ascii_tokens_;  // of single characters: most that are looked up
  MergeTable merges_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_BPE_H_
