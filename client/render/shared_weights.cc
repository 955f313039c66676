#include "client/render/shared_weights.h"

#include <algorithm>
#include <cstddef>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/printable.h"

namespace probesweep::client {
namespace {

// Names under a key, both in the order in which they first came.
class Groups {
 public:
  struct Group {
    std::string key;
    std::vector<std::string> names;
  };

  void Add(const std::string& key, const std::string& name) {
    const auto [place, added] = places_.emplace(key, groups_.size());
    if (added) groups_.push_back({key, {}});
    std::vector<std::string>& names = groups_[place->second].names;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  const std::vector<Group>& groups() const { return groups_; }

 private:
  std::vector<Group> groups_;
  std::map<std::string, size_t> places_;
};

// "a, b and c".
std::string List(const std::vector<std::string>& names) {
  std::vector<std::string> printable;
  for (const std::string& name : names) printable.push_back(Printable(name));
  const std::string last = printable.back();
  printable.pop_back();
  return absl::StrCat(absl::StrJoin(printable, ", "), " and ", last);
}

}  // namespace

std::vector<std::string> WeightNotes(const std::vector<v1::ResultRow>& rows) {
  Groups by_digest, by_checkpoint;
  const v1::ResultRow* former = nullptr;
  for (const v1::ResultRow& row : rows) {
    // A task's rows stand together and have one digest.
    const bool known = former != nullptr && former->checkpoint() == row.checkpoint() &&
                       former->checkpoint_digest() == row.checkpoint_digest();
    former = &row;
    if (known || row.checkpoint_digest().empty()) continue;
    by_digest.Add(row.checkpoint_digest(), row.checkpoint());
    by_checkpoint.Add(row.checkpoint(), row.checkpoint_digest());
  }
  std::vector<std::string> notes;
  for (const auto& [digest, names] : by_digest.groups()) {
    if (names.size() > 1) notes.push_back(absl::StrCat(List(names), " hold the same weights"));
  }
  for (const auto& [name, digests] : by_checkpoint.groups()) {
    if (digests.size() == 1) continue;
    notes.push_back(absl::StrCat("the results of ", Printable(name), " are of ", digests.size(),
                                 " different sets of weights: its files were changed meanwhile; the export's "
                                 "column checkpoint_digest tells them apart"));
  }
  return notes;
}

}  // namespace probesweep::client
