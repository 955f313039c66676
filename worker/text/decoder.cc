#include "worker/text/decoder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/status.h"
#include "worker/text/byte_level.h"
#include "worker/text/growth.h"
#include "worker/text/metaspace.h"
#include "worker/text/pattern.h"
#include "common/unicode.h"

namespace probesweep::worker {
namespace {

constexpr char kImplemented[] =
    "Sequence, ByteLevel, ByteFallback, Fuse, Strip, Replace, Metaspace, BPEDecoder";

class ByteLevel : public Decoder {
 public:
  std::vector<std::string> Decode(std::vector<std::string> tokens) const override {
    std::string bytes;
    for (const std::string& token : tokens) AppendTokenBytes(token, &bytes);
    return {ReplaceInvalidUtf8(bytes)};
  }
};

// Tokens like <0xE2> are bytes. A run of them that is not UTF-8 becomes one U+FFFD for each.
class ByteFallback : public Decoder {
 public:
  std::vector<std::string> Decode(std::vector<std::string> tokens) const override {
    std::vector<std::string> parts;
    std::string bytes;
    for (std::string& token : tokens) {
      if (AppendByte(token, &bytes)) continue;
      Flush(&bytes, &parts);
      parts.push_back(std::move(token));
    }
    Flush(&bytes, &parts);
    return parts;
  }

 private:
  static bool AppendByte(absl::string_view token, std::string* bytes) {
    if (token.size() != 6 || !absl::StartsWith(token, "<0x") || token.back() != '>') return false;
    uint32_t byte = 0;
    const absl::string_view digits = token.substr(3, 2);
    for (const char digit : digits) {
      if (!absl::ascii_isxdigit(static_cast<unsigned char>(digit))) return false;
    }
    if (!absl::SimpleHexAtoi(digits, &byte)) return false;
    bytes->push_back(static_cast<char>(byte));
    return true;
  }

  static void Flush(std::string* bytes, std::vector<std::string>* parts) {
    if (bytes->empty()) return;
    if (FindInvalidUtf8(*bytes) == absl::string_view::npos) {
      parts->push_back(std::move(*bytes));
    } else {
      parts->insert(parts->end(), bytes->size(), "\xEF\xBF\xBD");
    }
    bytes->clear();
  }
};

class Fuse : public Decoder {
 public:
  std::vector<std::string> Decode(std::vector<std::string> tokens) const override {
    return {absl::StrJoin(tokens, "")};
  }
};

// Takes up to `start` and `stop` times `content` off the ends of each token.
class Strip : public Decoder {
 public:
  Strip(std::string content, int64_t start, int64_t stop)
      : content_(std::move(content)), start_(start), stop_(stop) {}

  std::vector<std::string> Decode(std::vector<std::string> tokens) const override {
    for (std::string& token : tokens) {
      absl::string_view text = token;
      for (int64_t i = 0; i < start_ && absl::ConsumePrefix(&text, content_);) ++i;
      for (int64_t i = 0; i < stop_ && absl::ConsumeSuffix(&text, content_);) ++i;
      token = std::string(text);
    }
    return tokens;
  }

 private:
  const std::string content_;
  const int64_t start_;
  const int64_t stop_;
};

class Replace : public Decoder {
 public:
  Replace(Pattern pattern, std::string content)
      : pattern_(std::move(pattern)), content_(std::move(content)) {}

  std::vector<std::string> Decode(std::vector<std::string> tokens) const override {
    for (std::string& token : tokens) {
      auto replaced = pattern_.Replace(token, content_);
      if (replaced.ok()) token = *std::move(replaced);
    }
    return tokens;
  }

  // An expression may match before every byte.
  size_t Growth() const override { return std::min(content_.size() + 1, kMaxGrowth + 1); }

 private:
  const Pattern pattern_;
  const std::string content_;
};

// Marks become spaces; those of the first token go when the pre-tokenizer may have put one there.
class MetaspaceDecoder : public Decoder {
 public:
  explicit MetaspaceDecoder(Metaspace options) : options_(std::move(options)) {}

  std::vector<std::string> Decode(std::vector<std::string> tokens) const override {
    absl::string_view space = options_.prepend == Metaspace::Prepend::kNever ? " " : "";
    for (std::string& token : tokens) {
      token = absl::StrReplaceAll(token, {{options_.replacement, space}});
      space = " ";
    }
    return tokens;
  }

 private:
  const Metaspace options_;
};

// A suffix marks the ends of words.
class WordSuffix : public Decoder {
 public:
  explicit WordSuffix(std::string suffix) : suffix_(std::move(suffix)) {}

  std::vector<std::string> Decode(std::vector<std::string> tokens) const override {
    for (std::string& token : tokens) {
      token = absl::StrReplaceAll(token, {{suffix_, &token == &tokens.back() ? "" : " "}});
    }
    return tokens;
  }

 private:
  const std::string suffix_;
};

class Sequence : public Decoder {
 public:
  explicit Sequence(std::vector<std::unique_ptr<Decoder>> steps) : steps_(std::move(steps)) {}

  size_t Growth() const override {
    size_t growth = 1;
    for (const auto& step : steps_) growth = std::min(growth * step->Growth(), kMaxGrowth + 1);
    return growth;
  }

  std::vector<std::string> Decode(std::vector<std::string> tokens) const override {
    for (const auto& step : steps_) tokens = step->Decode(std::move(tokens));
    return tokens;
  }

 private:
  const std::vector<std::unique_ptr<Decoder>> steps_;
};

// A few rules that each make tokens longer would fill the memory.
absl::StatusOr<std::unique_ptr<Decoder>> ThatGrowsLittle(std::unique_ptr<Decoder> decoder,
                                                         const Component& component) {
  if (decoder->Growth() <= kMaxGrowth) return decoder;
  return component.NotImplemented(absl::StrCat("making text more than ", kMaxGrowth, " times as long"));
}

absl::StatusOr<std::unique_ptr<Decoder>> ReadSequence(const Component& component) {
  PS_ASSIGN_OR_RETURN(const std::vector<Component> elements, component.Elements("decoders"));
  std::vector<std::unique_ptr<Decoder>> steps;
  for (const Component& element : elements) {
    PS_ASSIGN_OR_RETURN(auto step, ReadDecoder(element));
    if (step == nullptr) return component.Invalid("an element of \"decoders\" is null");
    steps.push_back(std::move(step));
  }
  return ThatGrowsLittle(std::make_unique<Sequence>(std::move(steps)), component);
}

absl::StatusOr<std::unique_ptr<Decoder>> ReadStrip(const Component& component) {
  PS_ASSIGN_OR_RETURN(const char32_t content, component.Character("content"));
  PS_ASSIGN_OR_RETURN(const int64_t start, component.Integer("start"));
  PS_ASSIGN_OR_RETURN(const int64_t stop, component.Integer("stop"));
  std::string text;
  AppendUtf8(content, &text);
  return std::make_unique<Strip>(std::move(text), start, stop);
}

absl::StatusOr<std::unique_ptr<Decoder>> ReadReplace(const Component& component) {
  PS_ASSIGN_OR_RETURN(Pattern pattern, Pattern::Read(component));
  PS_ASSIGN_OR_RETURN(std::string content, component.String("content"));
  return ThatGrowsLittle(std::make_unique<Replace>(std::move(pattern), std::move(content)), component);
}

absl::StatusOr<std::unique_ptr<Decoder>> ReadMetaspace(const Component& component) {
  PS_ASSIGN_OR_RETURN(Metaspace options, Metaspace::Read(component));
  return std::make_unique<MetaspaceDecoder>(std::move(options));
}

absl::StatusOr<std::unique_ptr<Decoder>> ReadWordSuffix(const Component& component) {
  PS_ASSIGN_OR_RETURN(std::string suffix, component.String("suffix"));
  if (suffix.empty()) return component.NotImplemented("an empty suffix");
  return std::make_unique<WordSuffix>(std::move(suffix));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Decoder>> ReadDecoder(const Component& component) {
  if (component.is_null()) return nullptr;
  const std::string type = component.Type();
  if (type == "Sequence") return ReadSequence(component);
  if (type == "ByteLevel") return std::make_unique<ByteLevel>();
  if (type == "ByteFallback") return std::make_unique<ByteFallback>();
  if (type == "Fuse") return std::make_unique<Fuse>();
  if (type == "Strip") return ReadStrip(component);
  if (type == "Replace") return ReadReplace(component);
  if (type == "Metaspace") return ReadMetaspace(component);
  if (type == "BPEDecoder") return ReadWordSuffix(component);
  return component.TypeNotImplemented("decoder", kImplemented);
}

}  // namespace probesweep::worker
