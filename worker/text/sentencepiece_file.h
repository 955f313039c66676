// tokenizer.model: SentencePiece's file, a protocol buffer.
#ifndef PROBESWEEP_WORKER_TEXT_SENTENCEPIECE_FILE_H_
#define PROBESWEEP_WORKER_TEXT_SENTENCEPIECE_FILE_H_

#include <cstdint>
#include <deque>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace probesweep::worker {

// What of the file decides ids. Names and numbers are those of sentencepiece_model.proto.
struct SentencePieceFile {
  enum PieceType : int32_t {
    kNormal = 1,
    kUnknown = 2,
    kControl = 3,
    kUserDefined = 4,
    kUnused = 5,
    kByte = 6
  };
  enum ModelType : int64_t { kUnigram = 1, kBpe = 2, kWord = 3, kChar = 4 };

  struct Piece {
    absl::string_view text;  // of the file's bytes
    float score = 0;
    int32_t type = kNormal;
  };

  std::deque<Piece> pieces;  // by id

  int64_t model_type = kUnigram;
  std::string unknown_piece = "<unk>";
  std::string begin_piece = "<s>";
  std::string end_piece = "</s>";

  bool has_character_map = false;  // normalises text by a table (nmt_nfkc and the like)
  bool add_dummy_prefix = true;    // a space before the text
  bool remove_extra_whitespaces = true;
  bool escape_whitespaces = true;  // spaces become "▁"
};

// Reads the fields above and steps over all others; nothing of the file is run, and memory is bounded by its
// size. `bytes` must outlive what is returned. SentencePiece's own library is not used: it trusts its files.
// Errors: INVALID_ARGUMENT beginning with `name`: not such a file, cut off, no pieces, a piece that is empty,
// too long, not UTF-8 or there twice, more than a million of them.
absl::StatusOr<SentencePieceFile> ParseSentencePiece(absl::string_view bytes, absl::string_view name);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_SENTENCEPIECE_FILE_H_
