#include "worker/text/sentencepiece_file.h"

#include <cmath>
#include <cstring>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "common/unicode.h"

namespace probesweep::worker {
namespace {

// Trained pieces have 16 characters; runs of spaces that users define have some 30.
constexpr size_t kMaxPieceBytes = 512;

// Large vocabularies have some hundred thousand.
constexpr size_t kMaxPieces = 1 << 20;

// One field of a protocol buffer message.
struct WireField {
  uint64_t number = 0;
  uint64_t varint = 0;      // also of a fixed-size value, as bits
  absl::string_view bytes;  // of a length-delimited value
  bool is_bytes = false;
};

absl::Status CutOff() { return absl::InvalidArgumentError("a field is cut off or of no known kind"); }

// Walks over the fields of one message.
class WireReader {
 public:
  explicit WireReader(absl::string_view message) : rest_(message) {}

  bool at_end() const { return rest_.empty(); }

  absl::StatusOr<WireField> Next() {
    PS_ASSIGN_OR_RETURN(const uint64_t key, Varint());
    WireField field;
    field.number = key >> 3;
    if (field.number == 0) return CutOff();
    switch (key & 7) {
      case 0: {
        PS_ASSIGN_OR_RETURN(field.varint, Varint());
        return field;
      }
      case 1: {
        PS_ASSIGN_OR_RETURN(field.varint, Fixed(sizeof(uint64_t)));
        return field;
      }
      case 2: {
        PS_ASSIGN_OR_RETURN(const uint64_t length, Varint());
        if (length > rest_.size()) return CutOff();
        field.bytes = rest_.substr(0, static_cast<size_t>(length));
        field.is_bytes = true;
        rest_.remove_prefix(static_cast<size_t>(length));
        return field;
      }
      case 5: {
        PS_ASSIGN_OR_RETURN(field.varint, Fixed(sizeof(uint32_t)));
        return field;
      }
      default:
        return CutOff();
    }
  }

 private:
  absl::StatusOr<uint64_t> Varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) return CutOff();
      const auto byte = static_cast<uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      value |= uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return value;
    }
    return CutOff();
  }

  absl::StatusOr<uint64_t> Fixed(size_t size) {
    if (rest_.size() < size) return CutOff();
    uint64_t value = 0;
    for (size_t i = 0; i < size; ++i) value |= uint64_t{static_cast<uint8_t>(rest_[i])} << (8 * i);
    rest_.remove_prefix(size);
    return value;
  }

  absl::string_view rest_;
};

absl::Status ForEachField(absl::string_view message,
                          absl::FunctionRef<absl::Status(const WireField&)> on_field) {
  for (WireReader reader(message); !reader.at_end();) {
    PS_ASSIGN_OR_RETURN(const WireField field, reader.Next());
    PS_RETURN_IF_ERROR(on_field(field));
  }
  return absl::OkStatus();
}

float ToFloat(const WireField& field) {
  const auto bits = static_cast<uint32_t>(field.varint);
  float value = 0;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

absl::StatusOr<SentencePieceFile::Piece> ReadPiece(absl::string_view message) {
  SentencePieceFile::Piece piece;
  PS_RETURN_IF_ERROR(ForEachField(message, [&](const WireField& field) {
    if (field.number == 1) piece.text = field.bytes;
    if (field.number == 2) piece.score = ToFloat(field);
    if (field.number == 3) piece.type = static_cast<int32_t>(field.varint);
    return absl::OkStatus();
  }));
  return piece;
}

absl::Status ReadTrainerSpec(absl::string_view message, SentencePieceFile& file) {
  return ForEachField(message, [&](const WireField& field) {
    if (field.number == 3) file.model_type = static_cast<int64_t>(field.varint);
    if (field.number == 45) file.unknown_piece = std::string(field.bytes);
    if (field.number == 46) file.begin_piece = std::string(field.bytes);
    if (field.number == 47) file.end_piece = std::string(field.bytes);
    return absl::OkStatus();
  });
}

absl::Status ReadNormalizerSpec(absl::string_view message, SentencePieceFile& file) {
  return ForEachField(message, [&](const WireField& field) {
    if (field.number == 2) file.has_character_map = !field.bytes.empty();
    if (field.number == 3) file.add_dummy_prefix = field.varint != 0;
    if (field.number == 4) file.remove_extra_whitespaces = field.varint != 0;
    if (field.number == 5) file.escape_whitespaces = field.varint != 0;
    return absl::OkStatus();
  });
}

// Adds pieces as they come and checks them: many bad ones take no memory.
class PieceList {
 public:
  explicit PieceList(std::deque<SentencePieceFile::Piece>& pieces)
      : pieces_(pieces), seen_(0, Hash{&pieces}, Equal{&pieces}) {}

  absl::Status Add(const SentencePieceFile::Piece& piece) {
    const std::string which = absl::StrCat("piece ", pieces_.size());
    if (piece.text.empty()) return absl::InvalidArgumentError(which + " is empty");
    if (piece.text.size() > kMaxPieceBytes) {
      return absl::InvalidArgumentError(absl::StrCat(which, " has more than ", kMaxPieceBytes, " bytes"));
    }
    if (FindInvalidUtf8(piece.text) != absl::string_view::npos) {
      return absl::InvalidArgumentError(which + " is not UTF-8");
    }
    if (!std::isfinite(piece.score)) return absl::InvalidArgumentError(which + " has no finite score");
    if (pieces_.size() >= kMaxPieces) {
      return absl::InvalidArgumentError(absl::StrCat("it has more than ", kMaxPieces, " pieces"));
    }
    pieces_.push_back(piece);
    if (!seen_.insert(static_cast<uint32_t>(pieces_.size() - 1)).second) {
      return absl::InvalidArgumentError(absl::StrCat(which, " (\"", piece.text, "\") is there twice"));
    }
    return absl::OkStatus();
  }

 private:
  // A piece's number stands for its text.
  struct Hash {
    const std::deque<SentencePieceFile::Piece>* pieces;
    size_t operator()(uint32_t number) const {
      return absl::Hash<absl::string_view>()((*pieces)[number].text);
    }
  };
  struct Equal {
    const std::deque<SentencePieceFile::Piece>* pieces;
    bool operator()(uint32_t a, uint32_t b) const { return (*pieces)[a].text == (*pieces)[b].text; }
  };

  std::deque<SentencePieceFile::Piece>& pieces_;
  absl::flat_hash_set<uint32_t, Hash, Equal> seen_;
};

absl::Status ReadModel(absl::string_view bytes, SentencePieceFile& file) {
  PieceList pieces(file.pieces);
  return ForEachField(bytes, [&](const WireField& field) -> absl::Status {
    if (!field.is_bytes) return absl::OkStatus();
    if (field.number == 1) {
      PS_ASSIGN_OR_RETURN(const SentencePieceFile::Piece piece, ReadPiece(field.bytes));
      PS_RETURN_IF_ERROR(pieces.Add(piece));
    }
    if (field.number == 2) return ReadTrainerSpec(field.bytes, file);
    if (field.number == 3) return ReadNormalizerSpec(field.bytes, file);
    return absl::OkStatus();
  });
}

}  // namespace

absl::StatusOr<SentencePieceFile> ParseSentencePiece(absl::string_view bytes, absl::string_view name) {
  SentencePieceFile file;
  absl::Status status = ReadModel(bytes, file);
  if (status.ok() && file.pieces.empty()) status = absl::InvalidArgumentError("it has no pieces");
  if (status.ok()) return file;
  return absl::InvalidArgumentError(absl::StrCat(name, " is not a SentencePiece model: ", status.message(),
                                                 "; the file is damaged or something else: copy it again"));
}

}  // namespace probesweep::worker
