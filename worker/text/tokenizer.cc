#include "worker/text/tokenizer.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/status.h"
#include "worker/text/added_tokens.h"
#include "worker/text/bpe.h"
#include "worker/text/component.h"
#include "worker/text/decoder.h"
#include "worker/text/normalizer.h"
#include "worker/text/piece.h"
#include "worker/text/post_processor.h"
#include "worker/text/pre_tokenizer.h"
#include "worker/text/unicode.h"

namespace probesweep::worker {
namespace {

constexpr uint64_t kMaxFileBytes = uint64_t{1} << 28;  // the largest published ones have 30 MB
constexpr char kVersion[] = "1.0";

absl::StatusOr<nlohmann::json> ParseJson(absl::string_view text, absl::string_view name) {
  try {
    return nlohmann::json::parse(text.begin(), text.end());
  } catch (const nlohmann::json::exception& error) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " is not JSON: ", error.what(), "; the file is damaged: copy it again"));
  }
}

absl::Status CheckVersion(const Component& root) {
  if (!root.json().is_object()) return root.Invalid("a tokenizer is a JSON object");
  if (!root.Has("version")) return absl::OkStatus();
  PS_ASSIGN_OR_RETURN(const std::string version, root.String("version"));
  if (version != kVersion)
    return root.NotImplemented(absl::StrCat("version \"", version, "\" of the format"));
  return absl::OkStatus();
}

}  // namespace

struct Tokenizer::Parts {
  std::string digest;
  std::unique_ptr<BpeModel> model;
  std::unique_ptr<Normalizer> normalizer;       // null: none
  std::unique_ptr<PreTokenizer> pre_tokenizer;  // null: none
  AddedTokens added;
  PostProcessor post_processor;
  std::unique_ptr<Decoder> decoder;  // null: none
};

Tokenizer::Tokenizer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Tokenizer::~Tokenizer() = default;

absl::StatusOr<std::unique_ptr<Tokenizer>> Tokenizer::Open(const std::string& folder) {
  const std::string path = absl::StrCat(folder, "/tokenizer.json");
  auto json = ReadFile(path, kMaxFileBytes);
  if (absl::IsNotFound(json.status())) {
    return absl::NotFoundError(
        absl::StrCat("no tokenizer.json in ", folder,
                     ". What is supported: the tokenizer.json of Hugging Face's tokenizers with a BPE model. "
                     "A folder with "
                     "tokenizer.model or vocab.json alone gets one from transformers: "
                     "AutoTokenizer.from_pretrained(folder, use_fast=True).save_pretrained(folder)"));
  }
  PS_RETURN_IF_ERROR(json.status());
  return FromJson(*json, path);
}

absl::StatusOr<std::unique_ptr<Tokenizer>> Tokenizer::FromJson(absl::string_view json,
                                                               absl::string_view name) {
  PS_ASSIGN_OR_RETURN(const nlohmann::json value, ParseJson(json, name));
  const Component root(value, std::string(name));
  PS_RETURN_IF_ERROR(CheckVersion(root));
  auto parts = std::make_unique<Parts>();
  parts->digest = Sha256Hex(json);
  PS_ASSIGN_OR_RETURN(parts->model, BpeModel::Read(root.Field("model")));
  PS_ASSIGN_OR_RETURN(parts->normalizer, ReadNormalizer(root.Field("normalizer")));
  PS_ASSIGN_OR_RETURN(parts->pre_tokenizer, ReadPreTokenizer(root.Field("pre_tokenizer")));
  PS_ASSIGN_OR_RETURN(parts->added, AddedTokens::Read(root, *parts->model, parts->normalizer.get()));
  PS_ASSIGN_OR_RETURN(parts->post_processor, PostProcessor::Read(root.Field("post_processor")));
  PS_ASSIGN_OR_RETURN(parts->decoder, ReadDecoder(root.Field("decoder")));
  return std::unique_ptr<Tokenizer>(new Tokenizer(std::move(parts)));
}

absl::StatusOr<std::vector<int64_t>> Tokenizer::Encode(absl::string_view text,
                                                       bool add_special_tokens) const {
  if (text.size() > kMaxTextBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a text of ", text.size(), " bytes is longer than ", kMaxTextBytes, "; shorten it"));
  }
  const size_t invalid = FindInvalidUtf8(text);
  if (invalid != absl::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("the text is not UTF-8 at byte ", invalid, "; convert its file to UTF-8"));
  }
  std::vector<int64_t> ids;
  for (Segment& segment : parts_->added.Cut({std::string(text), /*at_start=*/true}, /*normalized=*/false)) {
    if (segment.token.has_value()) {
      ids.push_back(*segment.token);
    } else {
      PS_RETURN_IF_ERROR(EncodePiece(std::move(segment.piece), &ids));
    }
  }
  return parts_->post_processor.Apply(std::move(ids), add_special_tokens);
}

absl::Status Tokenizer::EncodePiece(Piece piece, std::vector<int64_t>* ids) const {
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
    for (const Piece& word : words) PS_RETURN_IF_ERROR(parts_->model->Encode(word.text, ids));
  }
  return absl::OkStatus();
}

std::string Tokenizer::Decode(const std::vector<int64_t>& ids, bool skip_special_tokens) const {
  std::vector<std::string> tokens;
  tokens.reserve(ids.size());
  for (const int64_t id : ids) {
    const std::string* token = parts_->added.IdToToken(id);
    if (token == nullptr) token = parts_->model->IdToToken(id);
    if (token == nullptr || (skip_special_tokens && parts_->added.IsSpecial(*token))) continue;
    tokens.push_back(*token);
  }
  if (parts_->decoder == nullptr) return absl::StrJoin(tokens, " ");
  return absl::StrJoin(parts_->decoder->Decode(std::move(tokens)), "");
}

int64_t Tokenizer::vocab_size() const {
  return static_cast<int64_t>(parts_->model->vocab_size() + parts_->added.beyond_model());
}

const std::string& Tokenizer::digest() const { return parts_->digest; }

}  // namespace probesweep::worker
