#include "worker/text/json_tree.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/printable.h"

namespace probesweep::worker {
namespace {

using Json = nlohmann::json;

constexpr int kMaxNesting = 64;

// What values take in memory beside their own 16 bytes, the allocator's share included.
constexpr uint64_t kElementBytes = 32;  // of a list, which has room for more
constexpr uint64_t kMemberBytes = 96;   // a node of the map, and the key
constexpr uint64_t kStringBytes = 48;
constexpr uint64_t kListBytes = 32;
constexpr uint64_t kObjectBytes = 64;
constexpr size_t kShortText = 15;  // lies in the string itself

uint64_t BytesOf(const std::string& text) { return text.size() > kShortText ? text.size() + 16 : 0; }

}  // namespace

absl::StatusOr<Json> JsonTreeEvents::ReadTree(absl::string_view text, absl::string_view name) {
  if (Read(text)) return std::move(root_);
  return absl::InvalidArgumentError(absl::StrCat(name, problem_));
}

bool JsonTreeEvents::string(string_t& text) {
  const uint64_t bytes = kStringBytes + BytesOf(text);
  return Put(Json(std::move(text)), bytes) != nullptr;
}

bool JsonTreeEvents::start_object(std::size_t) { return Open(Json::object(), kObjectBytes); }

bool JsonTreeEvents::start_array(std::size_t) { return Open(Json::array(), kListBytes); }

bool JsonTreeEvents::key(string_t& text) {
  if (!Take(kMemberBytes + BytesOf(text))) return false;
  member_ = &(*open_.back())[text];
  return true;
}

bool JsonTreeEvents::parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) {
  problem_ =
      absl::StrCat(" is not JSON: ", Printable(error.what(), 400), "; the file is damaged: copy it again");
  return false;
}

bool JsonTreeEvents::GoIn() {
  if (++depth_ <= kMaxNesting) return true;
  problem_ = absl::StrCat(" nests lists or objects more than ", kMaxNesting,
                          " deep; the file is damaged or not a tokenizer: copy it again");
  return false;
}

bool JsonTreeEvents::GoOut() {
  --depth_;
  return true;
}

bool JsonTreeEvents::Take(uint64_t bytes) {
  bytes_ += bytes;
  if (bytes_ <= max_bytes_) return true;
  problem_ =
      absl::StrCat(" holds more values than a tokenizer of its size has: they would take over ",
                   max_bytes_ >> 20, " MB of memory; the file is damaged or not a tokenizer: copy it again");
  return false;
}

Json* JsonTreeEvents::Put(Json value, uint64_t bytes) {
  const bool in_list = !open_.empty() && open_.back()->is_array();
  if (!Take(bytes + (in_list ? kElementBytes : 0))) return nullptr;
  if (in_list) {
    open_.back()->push_back(std::move(value));
    return &open_.back()->back();
  }
  Json* const place = open_.empty() ? &root_ : member_;
  *place = std::move(value);
  return place;
}

bool JsonTreeEvents::Open(Json container, uint64_t bytes) {
  if (!GoIn()) return false;
  Json* const place = Put(std::move(container), bytes);
  if (place == nullptr) return false;
  open_.push_back(place);
  return true;
}

bool JsonTreeEvents::Close() {
  open_.pop_back();
  return GoOut();
}

}  // namespace probesweep::worker
