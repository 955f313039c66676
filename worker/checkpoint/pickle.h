// A pickle as data: what Python would build, without the building.
#ifndef PROBESWEEP_WORKER_CHECKPOINT_PICKLE_H_
#define PROBESWEEP_WORKER_CHECKPOINT_PICKLE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace probesweep::worker {

enum class PickleKind : uint8_t {
  kNone,
  kBool,
  kInt,
  kFloat,  // its value is not kept: no tensor needs it
  kLong,   // a whole number beyond 64 bits
  kString,
  kBytes,
  kTuple,
  kList,
  kSet,
  kDict,          // also OrderedDict
  kGlobal,        // a name that PickleAllows
  kCall,          // such a global, which Python would call, and its arguments
  kPersistentId,  // what stands for an object that is stored elsewhere
};

// One value: a small one stands in it, another in the Pickle that it came from.
class PickleValue {
 public:
  PickleValue() = default;
  PickleValue(PickleKind kind, int64_t number) : kind_(kind), number_(number) {}
  PickleKind kind() const { return kind_; }
  bool is(PickleKind kind) const { return kind_ == kind; }
  // Of a kInt or kBool.
  int64_t integer() const { return number_; }

  // Of others: among the Pickle's values of that kind.
  size_t place() const { return static_cast<size_t>(number_); }

 private:
  PickleKind kind_ = PickleKind::kNone;
  int64_t number_ = 0;
};

// The values of one pickle. Strings are views of the bytes it was read from, which must outlive it.
// Containers may hold each other in a circle, as in Python.
class Pickle {
 public:
  using Pair = std::pair<PickleValue, PickleValue>;
  struct Global {
    absl::string_view module, name;
  };

  PickleValue root() const { return root_; }
  // Bytes up to and with the opcode STOP.
  size_t size() const { return size_; }

  // Each for a value of its kind.
  absl::string_view Text(PickleValue value) const { return texts_[value.place()]; }  // kString, kBytes, kLong
  absl::Span<const PickleValue> Elements(PickleValue value) const;                   // kTuple, kList, kSet
  absl::Span<const Pair> Items(PickleValue value) const { return dicts_[value.place()]; }  // kDict, in order
  const Global& GlobalOf(PickleValue value) const { return globals_[value.place()]; }
  const Pair& Call(PickleValue value) const { return calls_[value.place()]; }  // the global, its arguments
  PickleValue PersistentId(PickleValue value) const { return persistent_ids_[value.place()]; }

 private:
  friend class PickleBuilder;
  struct Range {
    uint32_t begin, count;
  };

  PickleValue root_;
  size_t size_ = 0;
  std::vector<absl::string_view> texts_;
  std::vector<PickleValue> tuple_elements_;  // of all tuples, one after the other
  std::vector<Range> tuples_;
  std::vector<std::vector<PickleValue>> lists_;  // and sets
  std::vector<std::vector<Pair>> dicts_;
  std::vector<Global> globals_;
  std::vector<Pair> calls_;
  std::vector<PickleValue> persistent_ids_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_CHECKPOINT_PICKLE_H_
