#include "worker/text/tokenizer_json.h"

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "worker/text/json_file.h"
#include "worker/text/json_tree.h"

namespace probesweep::worker {
namespace {

using Json = nlohmann::json;

// Beside vocabulary and merges there are added tokens, whose tree takes up to eight times their bytes. Where
// there are many of them, the vocabulary is larger still.
constexpr uint64_t kTreeBytesPerByte = 2;

// What is read into storage of its own. `depth`: 1 for what lies directly in the list or object.
class Part {
 public:
  virtual ~Part() = default;
  virtual void OnKey(std::string&, int) {}
  virtual void OnText(const std::string&, int depth) { OnOther(depth); }
  virtual void OnNumber(uint64_t, int depth) { OnOther(depth); }
  virtual void OnOther(int) {}       // a value of another kind
  virtual void OnOpen(bool, int) {}  // a list (true) or an object begins
  virtual void OnClose(int) {}       // and ends
};

class VocabularyPart : public Part {
 public:
  explicit VocabularyPart(Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  void OnKey(std::string& token, int depth) override {
    if (depth == 1) token_.swap(token);
  }
  void OnNumber(uint64_t id, int depth) override {
    if (depth != 1 || id > UINT32_MAX) return OnOther(depth);
    vocabulary_.Add(token_, static_cast<TokenId>(id));
  }
  void OnOther(int depth) override {
    if (depth != 1) return;
    vocabulary_.Refuse(absl::StrCat("the id of \"", token_, "\" must be a whole number below 2^32"));
  }
  void OnOpen(bool, int depth) override { OnOther(depth); }

 private:
  Vocabulary& vocabulary_;
  std::string token_;
};

// Merges are strings of two tokens, or lists of two.
class MergesPart : public Part {
 public:
  explicit MergesPart(MergeList& merges) : merges_(merges) {}

  void OnText(const std::string& text, int depth) override {
    if (depth == 1) return merges_.AddLine(text);
    if (tokens_ < 2) pair_[tokens_] = text;
    ++tokens_;
  }
  void OnOther(int) override { merges_.RefuseNext(); }
  void OnOpen(bool is_list, int depth) override {
    if (depth > 1 || !is_list) merges_.RefuseNext();
    tokens_ = 0;
  }
  void OnClose(int depth) override {
    if (depth > 1) return;
    if (tokens_ != 2) return merges_.RefuseNext();
    merges_.Add(pair_[0], pair_[1]);
  }

 private:
  MergeList& merges_;
  std::string pair_[2];
  int tokens_ = 0;
};

class TokenizerEvents : public JsonTreeEvents {
 public:
  // `is_vocabulary`: the whole text is what `model.vocab` of a tokenizer.json is.
  TokenizerEvents(uint64_t max_tree_bytes, bool is_vocabulary)
      : JsonTreeEvents(max_tree_bytes), next_(is_vocabulary ? Next::kVocabulary : Next::kTree) {}

  Vocabulary& vocabulary() { return vocabulary_; }
  MergeList& merges() { return merges_; }

  bool null() override { return part_ == nullptr ? JsonTreeEvents::null() : Other(); }
  bool boolean(bool value) override { return part_ == nullptr ? JsonTreeEvents::boolean(value) : Other(); }
  bool number_integer(number_integer_t value) override {
    return part_ == nullptr ? JsonTreeEvents::number_integer(value) : Other();
  }
  bool number_float(number_float_t value, const string_t& text) override {
    return part_ == nullptr ? JsonTreeEvents::number_float(value, text) : Other();
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (part_ == nullptr) return JsonTreeEvents::number_unsigned(value);
    part_->OnNumber(value, PartDepth());
    return true;
  }
  bool string(string_t& text) override {
    if (part_ == nullptr) return JsonTreeEvents::string(text);
    part_->OnText(text, PartDepth());
    return true;
  }
  bool start_object(std::size_t size) override {
    return part_ == nullptr ? JsonTreeEvents::start_object(size) && Begin(/*is_list=*/false)
                            : In(/*is_list=*/false);
  }
  bool start_array(std::size_t size) override {
    return part_ == nullptr ? JsonTreeEvents::start_array(size) && Begin(/*is_list=*/true)
                            : In(/*is_list=*/true);
  }
  bool end_object() override { return Out() || JsonTreeEvents::end_object(); }
  bool end_array() override { return Out() || JsonTreeEvents::end_array(); }
  bool key(string_t& text) override;

 private:
  enum class Next { kTree, kVocabulary, kMerges };  // where the next value goes

  int PartDepth() const { return depth() - part_begin_; }
  bool Other() {
    part_->OnOther(PartDepth());
    return true;
  }
  // A list or an object of the tree has begun: it may be a part.
  bool Begin(bool is_list);
  // One within a part begins.
  bool In(bool is_list) {
    part_->OnOpen(is_list, PartDepth());
    return GoIn();
  }
  // One within a part ends; false when it is not within a part but is one, or is of the tree.
  bool Out();

  Next next_;
  bool in_model_ = false;
  Vocabulary vocabulary_;
  MergeList merges_;
  VocabularyPart vocabulary_part_{vocabulary_};
  MergesPart merges_part_{merges_};
  Part ignored_;
  Part* part_ = nullptr;  // what is being read; null: the tree
  int part_begin_ = 0;    // depth outside it
};

// Of a key that is there twice the last counts, as in a tree.
bool TokenizerEvents::key(string_t& text) {
  if (part_ != nullptr) {
    part_->OnKey(text, PartDepth());
    return true;
  }
  if (depth() == 1) in_model_ = text == "model";
  const bool model_begins = depth() == 1 && in_model_;
  const bool is_of_model = depth() == 2 && in_model_;
  next_ = Next::kTree;
  if (is_of_model && text == "vocab") next_ = Next::kVocabulary;
  if (is_of_model && text == "merges") next_ = Next::kMerges;
  if (model_begins || next_ == Next::kVocabulary) vocabulary_ = Vocabulary();
  if (model_begins || next_ == Next::kMerges) merges_ = MergeList();
  return JsonTreeEvents::key(text);
}

bool TokenizerEvents::Begin(bool is_list) {
  const Next next = std::exchange(next_, Next::kTree);
  if (next == Next::kTree) return true;
  part_begin_ = depth() - 1;
  if (next == Next::kVocabulary && !is_list) {
    part_ = &vocabulary_part_;
  } else if (next == Next::kMerges && is_list) {
    part_ = &merges_part_;
  } else {
    part_ = &ignored_;
  }
  return true;
}

bool TokenizerEvents::Out() {
  if (part_ == nullptr) return false;
  if (PartDepth() == 1) {
    part_ = nullptr;
    return false;
  }
  GoOut();
  part_->OnClose(PartDepth());
  return true;
}

absl::StatusOr<TokenizerSource> Parse(absl::string_view text, absl::string_view name, bool is_vocabulary) {
  TokenizerEvents events(kSmallTreeBytes + kTreeBytesPerByte * text.size(), is_vocabulary);
  PS_ASSIGN_OR_RETURN(Json json, events.ReadTree(text, name));
  return TokenizerSource{std::move(json), std::move(events.vocabulary()), std::move(events.merges()),
                         std::string(name)};
}

}  // namespace

absl::StatusOr<TokenizerSource> ParseTokenizerJson(absl::string_view text, absl::string_view name) {
  return Parse(text, name, /*is_vocabulary=*/false);
}

absl::StatusOr<TokenizerSource> ParseVocabularyJson(absl::string_view text, absl::string_view name) {
  PS_ASSIGN_OR_RETURN(TokenizerSource source, Parse(text, name, /*is_vocabulary=*/true));
  source.json = {{"model", {{"vocab", std::move(source.json)}}}};
  return source;
}

}  // namespace probesweep::worker
