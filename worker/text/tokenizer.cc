#include "worker/text/tokenizer.h"

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/printable.h"
#include "common/status.h"
#include "common/unicode.h"
#include "worker/text/added_tokens.h"
#include "worker/text/bpe.h"
#include "worker/text/component.h"
#include "worker/text/decoder.h"
#include "worker/text/growth.h"
#include "worker/text/normalizer.h"
#include "worker/text/piece.h"
#include "worker/text/post_processor.h"
#include "worker/text/pre_tokenizer.h"
#include "worker/text/tokenizer_files.h"
#include "worker/text/tokenizer_json.h"
#include "worker/text/word_cache.h"

namespace probesweep::worker {
namespace {

constexpr char kVersion[] = "1.0";
constexpr size_t kTextsAtOnce = 16;  // that a thread takes

absl::Status CheckVersion(const Component& root) {
  if (!root.json().is_object()) return root.Invalid("a tokenizer is a JSON object");
  if (!root.Has("version")) return absl::OkStatus();
  PS_ASSIGN_OR_RETURN(const std::string version, root.String("version"));
  if (version != kVersion)
    return root.NotImplemented(absl::StrCat("version \"", version, "\" of the format"));
  return absl::OkStatus();
}

// Messages quote the file, which may hold anything.
template <typename T>
absl::StatusOr<T> WithPrintableMessage(absl::StatusOr<T> result) {
  constexpr size_t kLongest = 1500;
  if (result.ok()) return result;
  return absl::Status(result.status().code(), Printable(result.status().message(), kLongest));
}

}  // namespace

struct Tokenizer::Parts {
  std::string name;  // of the file that messages name
  std::unique_ptr<BpeModel> model;
  std::unique_ptr<Normalizer> normalizer;       // null: none
  std::unique_ptr<PreTokenizer> pre_tokenizer;  // null: none
  AddedTokens added;
  PostProcessor post_processor;
  std::unique_ptr<Decoder> decoder;  // null: none
  mutable WordCaches caches;
};

Tokenizer::Tokenizer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Tokenizer::~Tokenizer() = default;

absl::StatusOr<std::unique_ptr<Tokenizer>> Tokenizer::Open(const std::string& folder) {
  PS_ASSIGN_OR_RETURN(TokenizerSource source, WithPrintableMessage(ReadTokenizerFiles(folder)));
  return FromSource(std::move(source));
}

absl::StatusOr<std::unique_ptr<Tokenizer>> Tokenizer::FromJson(absl::string_view json,
                                                               absl::string_view name) {
  PS_ASSIGN_OR_RETURN(TokenizerSource source, ParseTokenizerJson(json, name));
  return FromSource(std::move(source));
}

absl::StatusOr<std::unique_ptr<Tokenizer>> Tokenizer::FromSource(TokenizerSource source) {
  return WithPrintableMessage(Build(std::move(source)));
}

absl::StatusOr<std::unique_ptr<Tokenizer>> Tokenizer::Build(TokenizerSource source) {
  const Component root(source.json, source.name);
  PS_RETURN_IF_ERROR(CheckVersion(root));
  auto parts = std::make_unique<Parts>();
  parts->name = source.name;
  PS_ASSIGN_OR_RETURN(parts->model,
                      BpeModel::Read(root.Field("model"), std::move(source.vocabulary), source.merges));
  source.merges = MergeList();
  PS_ASSIGN_OR_RETURN(parts->normalizer, ReadNormalizer(root.Field("normalizer")));
  PS_ASSIGN_OR_RETURN(parts->pre_tokenizer, ReadPreTokenizer(root.Field("pre_tokenizer")));
  PS_ASSIGN_OR_RETURN(parts->added, AddedTokens::Read(root, *parts->model, parts->normalizer.get()));
  PS_ASSIGN_OR_RETURN(parts->post_processor, PostProcessor::Read(root.Field("post_processor")));
  PS_ASSIGN_OR_RETURN(parts->decoder, ReadDecoder(root.Field("decoder")));
  return std::unique_ptr<Tokenizer>(new Tokenizer(std::move(parts)));
}

absl::StatusOr<TokenIds> Tokenizer::Encode(absl::string_view text, bool add_special_tokens) const {
  const WordCaches::Lease words(&parts_->caches);
  return EncodeWith(text, add_special_tokens, words.get());
}

std::vector<absl::StatusOr<TokenIds>> Tokenizer::EncodeBatch(absl::Span<const std::string> texts, int threads,
                                                             bool add_special_tokens) const {
  const absl::Status left_out = absl::CancelledError("a text before this one has an error");
  std::vector<absl::StatusOr<TokenIds>> results(texts.size(), left_out);
  std::atomic<size_t> next{0};
  std::atomic<size_t> end{texts.size()};  // behind the first text that has an error
  const auto work = [&] {
    const WordCaches::Lease words(&parts_->caches);
    for (size_t begin; (begin = next.fetch_add(kTextsAtOnce)) < end;) {
      for (size_t i = begin; i < begin + kTextsAtOnce && i < end; ++i) {
        results[i] = EncodeWith(texts[i], add_special_tokens, words.get());
        if (results[i].ok()) continue;
        for (size_t last = end; i + 1 < last && !end.compare_exchange_weak(last, i + 1);) {
        }
      }
    }
  };
  std::vector<std::thread> helpers;
  for (size_t i = 1; i < static_cast<size_t>(std::max(threads, 1)) && i * kTextsAtOnce < texts.size(); ++i) {
    helpers.emplace_back(work);
  }
  work();
  for (std::thread& helper : helpers) helper.join();
  // Other threads may have been ahead: the results are not to depend on that.
  std::fill(results.begin() + static_cast<std::ptrdiff_t>(end.load()), results.end(), left_out);
  return results;
}

absl::StatusOr<TokenIds> Tokenizer::EncodeWith(absl::string_view text, bool add_special_tokens,
                                               WordCache* words) const {
  if (text.size() > kMaxTextBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a text of ", text.size(), " bytes is longer than ", kMaxTextBytes, "; shorten it"));
  }
  const size_t invalid = FindInvalidUtf8(text);
  if (invalid != absl::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("the text is not UTF-8 at byte ", invalid, "; convert its file to UTF-8"));
  }
  TokenIds ids;
  for (Segment& segment : parts_->added.Cut({std::string(text), /*at_start=*/true}, /*normalized=*/false)) {
    if (segment.token.has_value()) {
      ids.push_back(*segment.token);
    } else {
      // What fails here is a rule of the file.
      PS_RETURN_IF_ERROR(Annotate(EncodePiece(std::move(segment.piece), words, &ids), parts_->name));
    }
    PS_RETURN_IF_ERROR(Annotate(CheckGrowth(ids.size(), text.size()), parts_->name));
  }
  return parts_->post_processor.Apply(std::move(ids), add_special_tokens);
}

absl::Status Tokenizer::EncodePiece(Piece piece, WordCache* cache, TokenIds* ids) const {
  if (parts_->normalizer != nullptr) PS_RETURN_IF_ERROR(parts_->normalizer->Apply(&piece));
  for (Segment& segment : parts_->added.Cut(std::move(piece), /*normalized=*/true)) {
    if (segment.token.has_value()) {
      ids->push_back(*segment.token);
      continue;
    }
    std::vector<Piece> words;
    if (parts_->pre_tokenizer != nullptr) {
      PS_RETURN_IF_ERROR(parts_->pre_tokenizer->Cut(std::move(segment.piece), &words));
    } else {
      words.push_back(std::move(segment.piece));
    }
    for (const Piece& word : words) PS_RETURN_IF_ERROR(parts_->model->Encode(word.text, cache, ids));
  }
  return absl::OkStatus();
}

std::string Tokenizer::Decode(const TokenIds& ids, bool skip_special_tokens) const {
  std::vector<std::string> tokens;
  tokens.reserve(ids.size());
  for (const int64_t id : ids) {
    std::optional<absl::string_view> token = parts_->added.IdToToken(id);
    if (!token.has_value()) token = parts_->model->IdToToken(id);
    if (!token.has_value() || (skip_special_tokens && parts_->added.IsSpecial(*token))) continue;
    tokens.emplace_back(*token);
  }
  if (parts_->decoder == nullptr) return absl::StrJoin(tokens, " ");
  return absl::StrJoin(parts_->decoder->Decode(std::move(tokens)), "");
}

int64_t Tokenizer::vocab_size() const {
  return static_cast<int64_t>(parts_->model->vocab_size() + parts_->added.beyond_model());
}

}  // namespace probesweep::worker
