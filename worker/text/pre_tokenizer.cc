#include "worker/text/pre_tokenizer.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/status.h"
#include "worker/text/byte_level.h"
#include "worker/text/growth.h"
#include "worker/text/metaspace.h"
#include "worker/text/pattern.h"
#include "common/unicode.h"

namespace probesweep::worker {
namespace {

constexpr char kImplemented[] =
    "Sequence, ByteLevel, Split, Digits, Whitespace, WhitespaceSplit, Punctuation, CharDelimiterSplit, "
    "Metaspace";

class ByteLevel : public PreTokenizer {
 public:
  // `words` null: no cutting.
  ByteLevel(bool add_prefix_space, std::unique_ptr<Regex> words)
      : add_prefix_space_(add_prefix_space), words_(std::move(words)) {}

  absl::Status Cut(Piece piece, std::vector<Piece>* parts) const override {
    if (piece.text.empty()) return absl::OkStatus();
    if (add_prefix_space_ && piece.text.front() != ' ') piece.text.insert(0, " ");
    const size_t first = parts->size();
    if (words_ != nullptr) {
      PS_ASSIGN_OR_RETURN(const std::vector<Span> spans, words_->Spans(piece.text));
      CutPiece(piece, spans, SplitBehavior::kIsolated, parts);
    } else {
      parts->push_back(std::move(piece));
    }
    for (size_t i = first; i < parts->size(); ++i) (*parts)[i].text = BytesToCharacters((*parts)[i].text);
    return absl::OkStatus();
  }

 private:
  const bool add_prefix_space_;
  const std::unique_ptr<Regex> words_;
};

class Split : public PreTokenizer {
 public:
  Split(Pattern pattern, SplitBehavior behavior, bool invert)
      : pattern_(std::move(pattern)), behavior_(behavior), invert_(invert) {}

  absl::Status Cut(Piece piece, std::vector<Piece>* parts) const override {
    PS_ASSIGN_OR_RETURN(std::vector<Span> spans, pattern_.Spans(piece.text));
    if (invert_) {
      for (Span& span : spans) span.is_match = !span.is_match;
    }
    CutPiece(piece, spans, behavior_, parts);
    return absl::OkStatus();
  }

 private:
  const Pattern pattern_;
  const SplitBehavior behavior_;
  const bool invert_;
};

// Cuts at the characters of a class.
class CharacterSplit : public PreTokenizer {
 public:
  CharacterSplit(bool (*matches)(char32_t), SplitBehavior behavior)
      : matches_(matches), behavior_(behavior) {}

  absl::Status Cut(Piece piece, std::vector<Piece>* parts) const override {
    CutPiece(piece, SpansOfCharacters(piece.text, matches_), behavior_, parts);
    return absl::OkStatus();
  }

 private:
  bool (*const matches_)(char32_t);
  const SplitBehavior behavior_;
};

class DelimiterSplit : public PreTokenizer {
 public:
  explicit DelimiterSplit(char32_t delimiter) : delimiter_(delimiter) {}

  absl::Status Cut(Piece piece, std::vector<Piece>* parts) const override {
    const auto spans = SpansOfCharacters(piece.text, [this](char32_t c) { return c == delimiter_; });
    CutPiece(piece, spans, SplitBehavior::kRemoved, parts);
    return absl::OkStatus();
  }

 private:
  const char32_t delimiter_;
};

// Runs of word characters and runs of other characters; white space is dropped.
class Whitespace : public PreTokenizer {
 public:
  absl::Status Cut(Piece piece, std::vector<Piece>* parts) const override {
    std::vector<Piece> runs;
    CutPiece(piece, SpansOfCharacters(piece.text, IsWhitespace), SplitBehavior::kRemoved, &runs);
    for (const Piece& run : runs) {
      CutPiece(run, SpansOfCharacters(run.text, IsWordCharacter), SplitBehavior::kContiguous, parts);
    }
    return absl::OkStatus();
  }
};

class MetaspacePreTokenizer : public PreTokenizer {
 public:
  explicit MetaspacePreTokenizer(Metaspace options) : options_(std::move(options)) {}

  absl::Status Cut(Piece piece, std::vector<Piece>* parts) const override {
    if (piece.text.empty()) return absl::OkStatus();
    const std::string& mark = options_.replacement;
    piece.text = absl::StrReplaceAll(piece.text, {{" ", mark}});
    const bool prepend = options_.prepend == Metaspace::Prepend::kAlways ||
                         (options_.prepend == Metaspace::Prepend::kFirst && piece.at_start);
    if (prepend && !absl::StartsWith(piece.text, mark)) piece.text.insert(0, mark);
    if (options_.split) {
      CutPiece(piece, SpansOfString(piece.text, mark), SplitBehavior::kMergedWithNext, parts);
    } else {
      parts->push_back(std::move(piece));
    }
    return absl::OkStatus();
  }

 private:
  const Metaspace options_;
};

class Sequence : public PreTokenizer {
 public:
  explicit Sequence(std::vector<std::unique_ptr<PreTokenizer>> steps) : steps_(std::move(steps)) {}

  absl::Status Cut(Piece piece, std::vector<Piece>* parts) const override {
    const size_t original = piece.text.size();
    std::vector<Piece> current;
    current.push_back(std::move(piece));
    for (const auto& step : steps_) {
      std::vector<Piece> next;
      for (Piece& part : current) PS_RETURN_IF_ERROR(step->Cut(std::move(part), &next));
      size_t bytes = 0;
      for (const Piece& part : next) bytes += part.text.size();
      PS_RETURN_IF_ERROR(CheckGrowth(bytes, original));
      current = std::move(next);
    }
    for (Piece& part : current) parts->push_back(std::move(part));
    return absl::OkStatus();
  }

 private:
  const std::vector<std::unique_ptr<PreTokenizer>> steps_;
};

absl::StatusOr<SplitBehavior> ReadBehavior(const Component& component) {
  PS_ASSIGN_OR_RETURN(const std::string name, component.String("behavior"));
  if (name == "Removed") return SplitBehavior::kRemoved;
  if (name == "Isolated") return SplitBehavior::kIsolated;
  if (name == "MergedWithPrevious") return SplitBehavior::kMergedWithPrevious;
  if (name == "MergedWithNext") return SplitBehavior::kMergedWithNext;
  if (name == "Contiguous") return SplitBehavior::kContiguous;
  return component.NotImplemented(absl::StrCat("behavior \"", name, "\""));
}

absl::StatusOr<std::unique_ptr<PreTokenizer>> ReadByteLevel(const Component& component) {
  PS_ASSIGN_OR_RETURN(const bool add_prefix_space, component.Bool("add_prefix_space"));
  PS_ASSIGN_OR_RETURN(const bool use_regex, component.BoolOr("use_regex", true));
  std::unique_ptr<Regex> words;
  if (use_regex) {
    PS_ASSIGN_OR_RETURN(words, Regex::Compile(kGpt2WordPattern));
  }
  return std::make_unique<ByteLevel>(add_prefix_space, std::move(words));
}

absl::StatusOr<std::unique_ptr<PreTokenizer>> ReadSplit(const Component& component) {
  PS_ASSIGN_OR_RETURN(Pattern pattern, Pattern::Read(component));
  PS_ASSIGN_OR_RETURN(const SplitBehavior behavior, ReadBehavior(component));
  PS_ASSIGN_OR_RETURN(const bool invert, component.Bool("invert"));
  return std::make_unique<Split>(std::move(pattern), behavior, invert);
}

absl::StatusOr<std::unique_ptr<PreTokenizer>> ReadDigits(const Component& component) {
  PS_ASSIGN_OR_RETURN(const bool individual, component.Bool("individual_digits"));
  return std::make_unique<CharacterSplit>(IsNumber,
                                          individual ? SplitBehavior::kIsolated : SplitBehavior::kContiguous);
}

absl::StatusOr<std::unique_ptr<PreTokenizer>> ReadPunctuation(const Component& component) {
  SplitBehavior behavior = SplitBehavior::kIsolated;
  if (component.Has("behavior")) {
    PS_ASSIGN_OR_RETURN(behavior, ReadBehavior(component));
  }
  return std::make_unique<CharacterSplit>(IsPunctuation, behavior);
}

absl::StatusOr<std::unique_ptr<PreTokenizer>> ReadDelimiter(const Component& component) {
  PS_ASSIGN_OR_RETURN(const char32_t delimiter, component.Character("delimiter"));
  return std::make_unique<DelimiterSplit>(delimiter);
}

absl::StatusOr<std::unique_ptr<PreTokenizer>> ReadMetaspace(const Component& component) {
  PS_ASSIGN_OR_RETURN(Metaspace options, Metaspace::Read(component));
  return std::make_unique<MetaspacePreTokenizer>(std::move(options));
}

absl::StatusOr<std::unique_ptr<PreTokenizer>> ReadSequence(const Component& component) {
  PS_ASSIGN_OR_RETURN(const std::vector<Component> elements, component.Elements("pretokenizers"));
  std::vector<std::unique_ptr<PreTokenizer>> steps;
  for (const Component& element : elements) {
    PS_ASSIGN_OR_RETURN(auto step, ReadPreTokenizer(element));
    if (step == nullptr) return component.Invalid("an element of \"pretokenizers\" is null");
    steps.push_back(std::move(step));
  }
  return std::make_unique<Sequence>(std::move(steps));
}

}  // namespace

absl::StatusOr<std::unique_ptr<PreTokenizer>> ReadPreTokenizer(const Component& component) {
  if (component.is_null()) return nullptr;
  const std::string type = component.Type();
  if (type == "Sequence") return ReadSequence(component);
  if (type == "ByteLevel") return ReadByteLevel(component);
  if (type == "Split") return ReadSplit(component);
  if (type == "Digits") return ReadDigits(component);
  if (type == "Punctuation") return ReadPunctuation(component);
  if (type == "CharDelimiterSplit") return ReadDelimiter(component);
  if (type == "Metaspace") return ReadMetaspace(component);
  if (type == "Whitespace") return std::make_unique<Whitespace>();
  if (type == "WhitespaceSplit")
    return std::make_unique<CharacterSplit>(IsWhitespace, SplitBehavior::kRemoved);
  return component.TypeNotImplemented("pre-tokenizer", kImplemented);
}

}  // namespace probesweep::worker
