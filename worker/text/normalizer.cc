#include "worker/text/normalizer.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uniset.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "worker/text/byte_level.h"
#include "worker/text/growth.h"
#include "worker/text/pattern.h"
#include "common/unicode.h"

namespace probesweep::worker {
namespace {

constexpr char kImplemented[] =
    "Sequence, NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents, Nmt, Prepend, Replace, ByteLevel";

// What a normalizer puts in, it puts into every piece of a text between added tokens. Published: one
// character.
constexpr size_t kMaxInsertedBytes = 512;

bool IsAscii(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isascii(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

// The original's tables of normal forms and combining marks are those of Unicode 9: what came later has none.
constexpr int kUnicodeOfMarks = 9;

const icu::UnicodeSet& CharactersWithNormalForms() {
  static const icu::UnicodeSet* const characters = [] {
    auto* set = new icu::UnicodeSet();
    for (UChar32 c = 0; c <= UCHAR_MAX_VALUE; ++c) {
      if (IsOfUnicode(static_cast<char32_t>(c), kUnicodeOfMarks)) set->add(c);
    }
    set->freeze();
    return set;
  }();
  return *characters;
}

class NormalForm : public Normalizer {
 public:
  explicit NormalForm(const icu::Normalizer2& form) : form_(form, CharactersWithNormalForms()) {}

  absl::Status Apply(Piece* piece) const override {
    if (IsAscii(piece->text)) return absl::OkStatus();  // ASCII is in every normal form
    std::string normalized;
    icu::StringByteSink<std::string> sink(&normalized);
    UErrorCode error = U_ZERO_ERROR;
    const icu::StringPiece text(piece->text.data(), static_cast<int32_t>(piece->text.size()));
    form_.normalizeUTF8(0, text, sink, nullptr, error);
    if (U_FAILURE(error)) {
      return absl::InternalError(absl::StrCat("Unicode normalisation failed: ", u_errorName(error)));
    }
    piece->text = std::move(normalized);
    return absl::OkStatus();
  }

 private:
  const icu::FilteredNormalizer2 form_;
};

// Rewrites the text character by character.
class CharacterNormalizer : public Normalizer {
 public:
  using Rewrite = void (*)(char32_t c, std::string* out);
  explicit CharacterNormalizer(Rewrite rewrite) : rewrite_(rewrite) {}

  absl::Status Apply(Piece* piece) const override {
    std::string out;
    out.reserve(piece->text.size());
    for (size_t offset = 0; offset < piece->text.size();) {
      const bool is_first = offset == 0;
      rewrite_(NextCodePoint(piece->text, &offset), &out);
      // Text that loses its first character begins later in the original's book-keeping.
      if (is_first && out.empty()) piece->at_start = false;
    }
    piece->text = std::move(out);
    return absl::OkStatus();
  }

 private:
  const Rewrite rewrite_;
};

// The context-free full mapping: only U+0130 becomes two characters; a final sigma is like any other.
void Lowercase(char32_t c, std::string* out) {
  if (c == U'\u0130') {
    absl::StrAppend(out, "i\xCC\x87");
  } else {
    AppendUtf8(ToLowercase(c), out);
  }
}

void DropCombiningMark(char32_t c, std::string* out) {
  if (c == U'\u1CF2' || c == U'\u1CF3') return;  // marks then, letters now
  const bool is_mark = IsCombiningMark(c) && IsOfUnicode(c, kUnicodeOfMarks) && c != U'\U000111C9';
  if (!is_mark) AppendUtf8(c, out);
}

// SentencePiece's "nmt": control characters go, characters that act as white space become spaces.
void Nmt(char32_t c, std::string* out) {
  const bool control =
      (c >= 0x1 && c <= 0x8) || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F || c == 0x8F || c == 0x9F;
  if (control) return;
  const bool space = c == 0x9 || c == 0xA || c == 0xC || c == 0xD || c == 0x1680 ||
                     (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x2581 ||
                     c == 0xFEFF || c == 0xFFFD;
  AppendUtf8(space ? U' ' : c, out);
}

class Strip : public Normalizer {
 public:
  Strip(bool left, bool right) : left_(left), right_(right) {}

  absl::Status Apply(Piece* piece) const override {
    if (right_) piece->text.resize(piece->text.size() - TrailingWhitespace(piece->text));
    const size_t leading = left_ ? LeadingWhitespace(piece->text) : 0;
    piece->text.erase(0, leading);
    piece->at_start = piece->at_start && leading == 0;
    return absl::OkStatus();
  }

 private:
  const bool left_;
  const bool right_;
};

class Prepend : public Normalizer {
 public:
  explicit Prepend(std::string prefix) : prefix_(std::move(prefix)) {}

  absl::Status Apply(Piece* piece) const override {
    if (!piece->text.empty()) piece->text.insert(0, prefix_);
    return absl::OkStatus();
  }

 private:
  const std::string prefix_;
};

class Replace : public Normalizer {
 public:
  Replace(Pattern pattern, std::string content)
      : pattern_(std::move(pattern)), content_(std::move(content)) {}

  absl::Status Apply(Piece* piece) const override {
    PS_ASSIGN_OR_RETURN(piece->text, pattern_.Replace(piece->text, content_));
    return absl::OkStatus();
  }

 private:
  const Pattern pattern_;
  const std::string content_;
};

class ByteLevel : public Normalizer {
 public:
  absl::Status Apply(Piece* piece) const override {
    piece->text = BytesToCharacters(piece->text);
    return absl::OkStatus();
  }
};

class Sequence : public Normalizer {
 public:
  explicit Sequence(std::vector<std::unique_ptr<Normalizer>> steps) : steps_(std::move(steps)) {}

  absl::Status Apply(Piece* piece) const override {
    const size_t original = piece->text.size();
    for (const auto& step : steps_) {
      PS_RETURN_IF_ERROR(step->Apply(piece));
      PS_RETURN_IF_ERROR(CheckGrowth(piece->text.size(), original));
    }
    return absl::OkStatus();
  }

 private:
  const std::vector<std::unique_ptr<Normalizer>> steps_;
};

absl::StatusOr<std::unique_ptr<Normalizer>> ReadSequence(const Component& component) {
  PS_ASSIGN_OR_RETURN(const std::vector<Component> elements, component.Elements("normalizers"));
  std::vector<std::unique_ptr<Normalizer>> steps;
  for (const Component& element : elements) {
    PS_ASSIGN_OR_RETURN(auto step, ReadNormalizer(element));
    if (step == nullptr) return component.Invalid("an element of \"normalizers\" is null");
    steps.push_back(std::move(step));
  }
  return std::make_unique<Sequence>(std::move(steps));
}

absl::StatusOr<std::unique_ptr<Normalizer>> ReadStrip(const Component& component) {
  PS_ASSIGN_OR_RETURN(const bool left, component.Bool("strip_left"));
  PS_ASSIGN_OR_RETURN(const bool right, component.Bool("strip_right"));
  return std::make_unique<Strip>(left, right);
}

absl::StatusOr<std::unique_ptr<Normalizer>> ReadReplace(const Component& component) {
  PS_ASSIGN_OR_RETURN(Pattern pattern, Pattern::Read(component));
  PS_ASSIGN_OR_RETURN(std::string content, component.String("content"));
  if (content.size() > kMaxInsertedBytes) return component.NotImplemented("a replacement of that length");
  return std::make_unique<Replace>(std::move(pattern), std::move(content));
}

absl::StatusOr<std::unique_ptr<Normalizer>> ReadPrepend(const Component& component) {
  PS_ASSIGN_OR_RETURN(std::string prefix, component.String("prepend"));
  if (prefix.size() > kMaxInsertedBytes) return component.NotImplemented("a text to prepend of that length");
  return std::make_unique<Prepend>(std::move(prefix));
}

// ICU's own object, never freed. Null for a type that is not a normal form.
const icu::Normalizer2* FindNormalForm(const std::string& type, UErrorCode* error) {
  if (type == "NFC") return icu::Normalizer2::getNFCInstance(*error);
  if (type == "NFD") return icu::Normalizer2::getNFDInstance(*error);
  if (type == "NFKC") return icu::Normalizer2::getNFKCInstance(*error);
  if (type == "NFKD") return icu::Normalizer2::getNFKDInstance(*error);
  return nullptr;
}

CharacterNormalizer::Rewrite FindRewrite(const std::string& type) {
  if (type == "Lowercase") return Lowercase;
  if (type == "StripAccents") return DropCombiningMark;
  if (type == "Nmt") return Nmt;
  return nullptr;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Normalizer>> ReadNormalizer(const Component& component) {
  if (component.is_null()) return nullptr;
  const std::string type = component.Type();
  if (type == "Sequence") return ReadSequence(component);
  if (type == "Strip") return ReadStrip(component);
  if (type == "Replace") return ReadReplace(component);
  if (type == "Prepend") return ReadPrepend(component);
  if (type == "ByteLevel") return std::make_unique<ByteLevel>();
  if (const auto rewrite = FindRewrite(type)) return std::make_unique<CharacterNormalizer>(rewrite);
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* form = FindNormalForm(type, &error);
  if (U_FAILURE(error)) {
    return absl::InternalError(absl::StrCat("ICU has no data for ", type, ": ", u_errorName(error)));
  }
  if (form != nullptr) return std::make_unique<NormalForm>(*form);
  return component.TypeNotImplemented("normalizer", kImplemented);
}

}  // namespace probesweep::worker
