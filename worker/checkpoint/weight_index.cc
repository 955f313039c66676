#include "worker/checkpoint/weight_index.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/json_events.h"
#include "common/safetensors.h"
#include "common/status.h"

namespace probesweep::worker {
namespace {

constexpr uint64_t kMaxIndexBytes = 64 << 20;

using WeightMap = std::map<std::string, std::string>;

bool IsFileName(absl::string_view name) {
  return !name.empty() && name != "." && name != ".." && !absl::StrContains(name, '/') &&
         !absl::StrContains(name, '\0');
}

// Takes the object `weight_map` out of the file and passes over everything else.
class IndexEvents : public JsonEvents {
 public:
  bool found() const { return found_; }
  // Why the map cannot be used; empty when it can.
  const std::string& fault() const { return fault_; }
  WeightMap& map() { return map_; }

  bool start_object(std::size_t) override { return Enter(/*object=*/true); }
  bool start_array(std::size_t) override { return depth_ > 0 && Enter(/*object=*/false); }
  bool end_object() override { return Leave(); }
  bool end_array() override { return Leave(); }

  bool key(string_t& text) override {
    if (depth_ == 1) at_map_ = text == "weight_map";
    if (in_map()) tensor_ = std::move(text);
    return true;
  }

  bool string(string_t& shard) override {
    if (!in_map()) return Scalar();
    if (!IsFileName(shard)) {
      return NotAFileName(QuotedTensorName(shard));
    }
    if (map_.size() >= kMaxTensors) return Fault(absl::StrCat("names more than ", kMaxTensors, " tensors"));
    map_[std::move(tensor_)] = std::move(shard);
    return true;
  }

 private:
  bool in_map() const { return found_ && at_map_ && depth_ == 2; }

  bool Enter(bool object) {
    if (in_map()) return NotAFileName("a list or an object");
    if (depth_ == 1 && at_map_) found_ = object;
    ++depth_;
    return true;
  }

  bool Leave() {
    --depth_;
    return true;
  }

  bool Scalar() override { return in_map() ? NotAFileName("a number or the like") : depth_ > 0; }

  bool NotAFileName(absl::string_view value) {
    return Fault(absl::StrCat("holds ", value, ", which is not a file name in this folder"));
  }
  bool Fault(std::string fault) {
    fault_ = std::move(fault);
    return false;
  }

  int depth_ = 0;
  bool at_map_ = false;  // the last key of the outermost object was `weight_map`
  bool found_ = false;   // and its value is an object
  std::string tensor_;
  std::string fault_;
  WeightMap map_;
};

}  // namespace

absl::StatusOr<WeightMap> ParseWeightIndex(absl::string_view text, const std::string& path) {
  IndexEvents events;
  const bool read = events.Read(text);
  if (!events.fault().empty()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": `weight_map` ", events.fault()));
  }
  if (!read) return absl::InvalidArgumentError(absl::StrCat(path, " is not a JSON object with `weight_map`"));
  if (!events.found()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": field `weight_map` is missing"));
  }
  if (events.map().empty()) return absl::InvalidArgumentError(absl::StrCat(path, ": `weight_map` is empty"));
  return std::move(events.map());
}

absl::StatusOr<WeightMap> ReadWeightIndex(const std::string& path) {
  PS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxIndexBytes));
  return ParseWeightIndex(text, path);
}

}  // namespace probesweep::worker
