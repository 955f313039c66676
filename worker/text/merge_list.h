// The merges of a tokenizer as its file gives them.
#ifndef PROBESWEEP_WORKER_TEXT_MERGE_LIST_H_
#define PROBESWEEP_WORKER_TEXT_MERGE_LIST_H_

#include <cstddef>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace probesweep::worker {

// Pairs of tokens in the order of their ranks. Takes no more memory than their text in a file would: each
// token lies behind its length.
class MergeList {
 public:
  void Add(absl::string_view left, absl::string_view right);
  // A line of merges.txt: two tokens with one space between them. Passes over the line that gives the
  // version.
  void AddLine(absl::string_view line);
  // What stands at the list's end is no merge; what comes behind it is not added.
  void RefuseNext();

  size_t size() const { return size_; }
  // Why the list ends too early; empty when it does not.
  const std::string& fault() const { return fault_; }

  // Calls `visit` with each pair, until it returns an error.
  absl::Status ForEach(
      absl::FunctionRef<absl::Status(absl::string_view left, absl::string_view right)> visit) const;

 private:
  void Append(absl::string_view token);

  std::string tokens_;
  size_t size_ = 0;
  std::string fault_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_MERGE_LIST_H_
