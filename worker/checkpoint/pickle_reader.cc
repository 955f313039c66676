#include "worker/checkpoint/pickle_reader.h"

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/safetensors.h"
#include "common/status.h"
#include "worker/checkpoint/little_endian.h"
#include "worker/checkpoint/pickle_builder.h"
#include "worker/checkpoint/torch_types.h"

namespace probesweep::worker {
namespace {

// Python 2's pickler numbers from 1 and counts what it left out; others leave no gap.
constexpr uint64_t kMemoGap = 1024;

// The pickle machine: opcodes push values on a stack and take them off. It has no opcode that runs anything.
class PickleMachine {
 public:
  PickleMachine(absl::string_view bytes, uint64_t max_memory, absl::string_view name)
      : bytes_(bytes), builder_(max_memory), name_(name) {}

  absl::StatusOr<Pickle> Run() {
    if (bytes_.empty()) return EndsEarly();
    if (bytes_[0] != '\x80') return Corrupt("it does not begin like one (protocols 2 to 5 do)");
    while (!stopped_) {
      PS_ASSIGN_OR_RETURN(const absl::string_view opcode, Take(1));
      const Handler handler = Handlers()[static_cast<uint8_t>(opcode[0])];
      if (handler == nullptr) {
        return absl::UnimplementedError(absl::StrCat(name_, ": its pickle has the opcode 0x",
                                                     absl::Hex(static_cast<uint8_t>(opcode[0])), " at byte ",
                                                     at_ - 1, ", which no checkpoint's tensors need"));
      }
      const absl::Status status = (this->*handler)();
      if (status.code() == absl::StatusCode::kDataLoss) return Corrupt(status.message());
      PS_RETURN_IF_ERROR(status);
    }
    if (stack_.size() != 1 || !marks_.empty()) return Corrupt("it leaves more than one object");
    return builder_.Finish(stack_[0], at_);
  }

 private:
  using Handler = absl::Status (PickleMachine::*)();
  static const std::array<Handler, 256>& Handlers();

  absl::Status Corrupt(absl::string_view reason) const {
    return absl::DataLossError(
        absl::StrCat(name_, ": its pickle is damaged before byte ", at_, ": ", reason));
  }
  absl::Status EndsEarly() const {
    return absl::OutOfRangeError(absl::StrCat(name_, ": its pickle ends early; the file is truncated"));
  }
  static absl::Status Underflow() { return absl::DataLossError("an opcode finds too little on the stack"); }

  // The input.
  absl::StatusOr<absl::string_view> Take(uint64_t count) {
    if (count > bytes_.size() - at_) return EndsEarly();
    at_ += count;
    return bytes_.substr(at_ - count, count);
  }
  template <typename T>
  absl::StatusOr<T> TakeNumber() {
    PS_ASSIGN_OR_RETURN(const absl::string_view bytes, Take(sizeof(T)));
    return LittleEndian<T>(bytes);
  }
  absl::StatusOr<absl::string_view> TakeLine() {
    const size_t end = bytes_.find('\n', at_);
    if (end == absl::string_view::npos) return EndsEarly();
    const absl::string_view line = bytes_.substr(at_, end - at_);
    at_ = end + 1;
    return line;
  }

  // The stack.
  absl::Status Push(PickleValue value) {
    if (stack_.size() == deepest_) {
      PS_RETURN_IF_ERROR(builder_.Charge(2 * sizeof value));
      ++deepest_;
    }
    stack_.push_back(value);
    return absl::OkStatus();
  }
  absl::Status Push(absl::StatusOr<PickleValue> value) {
    return value.ok() ? Push(*value) : std::move(value).status();
  }
  // Values above the last mark may be taken, those below not.
  size_t Available() const { return stack_.size() - (marks_.empty() ? 0 : marks_.back()); }
  absl::StatusOr<PickleValue> Pop() {
    if (Available() == 0) return Underflow();
    const PickleValue value = stack_.back();
    stack_.pop_back();
    return value;
  }
  absl::StatusOr<PickleValue> Top() const {
    if (Available() == 0) return Underflow();
    return stack_.back();
  }
  // Ends the last mark and gives where its values begin; they stay on the stack.
  absl::StatusOr<size_t> PopMark() {
    if (marks_.empty()) return Underflow();
    const size_t begin = marks_.back();
    marks_.pop_back();
    return begin;
  }
  absl::Span<const PickleValue> From(size_t begin) const {
    return absl::MakeConstSpan(stack_).subspan(begin);
  }

  // Opcodes, by what they do.
  absl::Status Protocol() {
    PS_ASSIGN_OR_RETURN(const uint8_t protocol, TakeNumber<uint8_t>());
    if (protocol >= 2 && protocol <= 5) return absl::OkStatus();
    return absl::UnimplementedError(
        absl::StrCat(name_, ": its pickle has protocol ", protocol, "; 2 to 5 are read"));
  }
  absl::Status Frame() {
    return TakeNumber<uint64_t>().status();
  }  // its length is of use to readers of streams
  absl::Status Stop() {
    stopped_ = true;
    return absl::OkStatus();
  }
  absl::Status Mark() {
    PS_RETURN_IF_ERROR(builder_.Charge(2 * sizeof(size_t)));
    marks_.push_back(stack_.size());
    return absl::OkStatus();
  }
  absl::Status Drop() { return Available() == 0 ? PopMark().status() : Pop().status(); }
  absl::Status DropToMark() {
    PS_ASSIGN_OR_RETURN(const size_t begin, PopMark());
    stack_.resize(begin);
    return absl::OkStatus();
  }
  absl::Status Duplicate() { return Push(Top()); }

  absl::Status None() { return Push(PickleValue()); }
  absl::Status True() { return Push(PickleValue(PickleKind::kBool, 1)); }
  absl::Status False() { return Push(PickleValue(PickleKind::kBool, 0)); }
  template <typename T>
  absl::Status Integer() {
    PS_ASSIGN_OR_RETURN(const T number, TakeNumber<T>());
    return Push(PickleValue(PickleKind::kInt, number));
  }
  // Python 2 writes numbers beyond 32 bits like this.
  absl::Status IntegerLine() {
    PS_ASSIGN_OR_RETURN(const absl::string_view line, TakeLine());
    if (line == "00" || line == "01") return Push(PickleValue(PickleKind::kBool, line == "01"));
    int64_t number = 0;
    if (!absl::SimpleAtoi(line, &number)) return absl::DataLossError("a number is not one");
    return Push(PickleValue(PickleKind::kInt, number));
  }
  absl::Status Float() {
    PS_RETURN_IF_ERROR(Take(8).status());
    return Push(PickleValue(PickleKind::kFloat, 0));
  }
  template <typename Length>
  absl::Status Long() {
    PS_ASSIGN_OR_RETURN(const Length length, TakeNumber<Length>());
    if (length < 0) return absl::DataLossError("a number of negative length");
    PS_ASSIGN_OR_RETURN(const absl::string_view bytes, Take(static_cast<uint64_t>(length)));
    if (bytes.size() > 8) return Push(builder_.Text(PickleKind::kLong, bytes));
    // Little-endian two's complement of as many bytes as are needed.
    int64_t number = bytes.empty() || static_cast<int8_t>(bytes.back()) >= 0 ? 0 : -1;
    for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
      number = static_cast<int64_t>(static_cast<uint64_t>(number) << 8 | static_cast<uint8_t>(*byte));
    }
    return Push(PickleValue(PickleKind::kInt, number));
  }
  template <typename Length, PickleKind kind>
  absl::Status Text() {
    PS_ASSIGN_OR_RETURN(const Length length, TakeNumber<Length>());
    PS_ASSIGN_OR_RETURN(const absl::string_view text, Take(length));
    return Push(builder_.Text(kind, text));
  }

  absl::Status TupleOf(size_t begin) {
    const auto tuple = builder_.Tuple(From(begin));
    stack_.resize(begin);
    return Push(tuple);
  }
  template <size_t count>
  absl::Status ShortTuple() {
    return Available() < count ? Underflow() : TupleOf(stack_.size() - count);
  }
  absl::Status MarkedTuple() {
    PS_ASSIGN_OR_RETURN(const size_t begin, PopMark());
    return TupleOf(begin);
  }
  template <PickleKind kind>
  absl::Status EmptyContainer() {
    return Push(builder_.Empty(kind));
  }
  // A new container of what stands above the mark.
  template <PickleKind kind>
  absl::Status MarkedContainer() {
    PS_ASSIGN_OR_RETURN(const size_t begin, PopMark());
    PS_ASSIGN_OR_RETURN(const PickleValue container, builder_.Empty(kind));
    PS_RETURN_IF_ERROR(Fill(container, begin));
    return Push(container);
  }
  absl::Status Fill(PickleValue container, size_t begin) {
    PS_RETURN_IF_ERROR(container.is(PickleKind::kDict) ? builder_.SetItems(container, From(begin))
                                                       : builder_.Append(container, From(begin)));
    stack_.resize(begin);
    return absl::OkStatus();
  }
  template <PickleKind kind>
  absl::Status AddMarked() {
    PS_ASSIGN_OR_RETURN(const size_t begin, PopMark());
    return AddTo<kind>(begin);
  }
  template <PickleKind kind, size_t count>
  absl::Status AddOne() {
    return Available() < count ? Underflow() : AddTo<kind>(stack_.size() - count);
  }
  template <PickleKind kind>
  absl::Status AddTo(size_t begin) {
    const size_t bottom = marks_.empty() ? 0 : marks_.back();
    if (begin == bottom) return Underflow();
    if (!stack_[begin - 1].is(kind)) return absl::DataLossError("it fills a container of another kind");
    return Fill(stack_[begin - 1], begin);
  }

  absl::Status Memoize(uint64_t index) {
    PS_ASSIGN_OR_RETURN(const PickleValue value, Top());
    if (index >= memo_.size()) {
      if (index - memo_.size() > kMemoGap) return absl::DataLossError("its memo has gaps");
      PS_RETURN_IF_ERROR(builder_.Charge((index + 1 - memo_.size()) * 2 * sizeof memo_[0]));
      memo_.resize(index + 1);
    }
    memo_[index] = value;
    return absl::OkStatus();
  }
  absl::Status MemoizeNext() { return Memoize(memo_.size()); }
  template <typename Index>
  absl::Status Put() {
    PS_ASSIGN_OR_RETURN(const Index index, TakeNumber<Index>());
    return Memoize(index);
  }
  template <typename Index>
  absl::Status Get() {
    PS_ASSIGN_OR_RETURN(const Index index, TakeNumber<Index>());
    if (index >= memo_.size() || !memo_[index].has_value()) {
      return absl::DataLossError("it takes from its memo what it never put there");
    }
    return Push(*memo_[index]);
  }

  absl::Status GlobalLines() {
    PS_ASSIGN_OR_RETURN(const absl::string_view module, TakeLine());
    PS_ASSIGN_OR_RETURN(const absl::string_view name, TakeLine());
    return Global(module, name);
  }
  absl::Status StackGlobal() {
    PS_ASSIGN_OR_RETURN(const PickleValue name, Pop());
    PS_ASSIGN_OR_RETURN(const PickleValue module, Pop());
    if (!name.is(PickleKind::kString) || !module.is(PickleKind::kString)) {
      return absl::DataLossError("the name of a global is not a text");
    }
    return Global(builder_.pickle().Text(module), builder_.pickle().Text(name));
  }
  absl::Status Global(absl::string_view module, absl::string_view name) {
    if (PickleAllows(module, name)) return Push(builder_.Global(module, name));
    return absl::UnimplementedError(absl::StrCat(
        name_, ": its pickle asks for ", QuotedTensorName(absl::StrCat(module.substr(0, 100), ".", name)),
        ", which would run code; only tensors are read from a .bin file. If you trust where it is from, "
        "convert "
        "it to safetensors"));
  }
  absl::Status PersistentId() {
    PS_ASSIGN_OR_RETURN(const PickleValue id, Pop());
    return Push(builder_.PersistentId(id));
  }
  // What Python would call. An OrderedDict becomes a dict here, since items are set in it later.
  absl::Status Call() {
    PS_ASSIGN_OR_RETURN(const PickleValue arguments, Pop());
    PS_ASSIGN_OR_RETURN(const PickleValue global, Pop());
    if (!global.is(PickleKind::kGlobal) || !arguments.is(PickleKind::kTuple)) {
      return absl::DataLossError("it calls something that is not a global");
    }
    if (builder_.pickle().GlobalOf(global).name != "OrderedDict")
      return Push(builder_.Call(global, arguments));
    return OrderedDict(builder_.pickle().Elements(arguments));
  }
  // Python 3 makes an empty one and sets its items; Python 2 gives it a list of pairs.
  absl::Status OrderedDict(absl::Span<const PickleValue> arguments) {
    PS_ASSIGN_OR_RETURN(const PickleValue dict, builder_.Empty(PickleKind::kDict));
    if (arguments.empty()) return Push(dict);
    const Pickle& pickle = builder_.pickle();
    const auto is_pair = [&](PickleValue value) {
      return (value.is(PickleKind::kList) || value.is(PickleKind::kTuple)) &&
             pickle.Elements(value).size() == 2;
    };
    if (arguments.size() != 1 || !arguments[0].is(PickleKind::kList)) {
      return absl::DataLossError("an OrderedDict is made of something that is not a list");
    }
    for (const PickleValue pair : pickle.Elements(arguments[0])) {
      if (!is_pair(pair)) return absl::DataLossError("an OrderedDict is made of something that is not pairs");
      PS_RETURN_IF_ERROR(builder_.SetItems(dict, pickle.Elements(pair)));
    }
    return Push(dict);
  }
  absl::Status PassOverAttributes() { return Pop().status(); }

  const absl::string_view bytes_;
  size_t at_ = 0;
  PickleBuilder builder_;
  const absl::string_view name_;
  std::vector<PickleValue> stack_;
  size_t deepest_ = 0;
  std::vector<size_t> marks_;  // sizes of the stack
  std::vector<std::optional<PickleValue>> memo_;
  bool stopped_ = false;
};

// Opcodes of Python's pickletools.
const std::array<PickleMachine::Handler, 256>& PickleMachine::Handlers() {
  using M = PickleMachine;
  using K = PickleKind;
  static constexpr std::pair<int, Handler> kOpcodes[] = {
      {0x80, &M::Protocol},
      {0x95, &M::Frame},
      {'.', &M::Stop},
      {'(', &M::Mark},
      {'0', &M::Drop},
      {'1', &M::DropToMark},
      {'2', &M::Duplicate},
      {'N', &M::None},
      {0x88, &M::True},
      {0x89, &M::False},
      {'J', &M::Integer<int32_t>},
      {'K', &M::Integer<uint8_t>},
      {'M', &M::Integer<uint16_t>},
      {'I', &M::IntegerLine},
      {'G', &M::Float},
      {0x8a, &M::Long<uint8_t>},
      {0x8b, &M::Long<int32_t>},
      {'U', &M::Text<uint8_t, K::kString>},
      {'T', &M::Text<uint32_t, K::kString>},
      {'X', &M::Text<uint32_t, K::kString>},
      {0x8c, &M::Text<uint8_t, K::kString>},
      {0x8d, &M::Text<uint64_t, K::kString>},
      {'C', &M::Text<uint8_t, K::kBytes>},
      {'B', &M::Text<uint32_t, K::kBytes>},
      {0x8e, &M::Text<uint64_t, K::kBytes>},
      {0x96, &M::Text<uint64_t, K::kBytes>},
      {')', &M::ShortTuple<0>},
      {0x85, &M::ShortTuple<1>},
      {0x86, &M::ShortTuple<2>},
      {0x87, &M::ShortTuple<3>},
      {'t', &M::MarkedTuple},
      {']', &M::EmptyContainer<K::kList>},
      {'}', &M::EmptyContainer<K::kDict>},
      {0x8f, &M::EmptyContainer<K::kSet>},
      {'l', &M::MarkedContainer<K::kList>},
      {'d', &M::MarkedContainer<K::kDict>},
      {0x91, &M::MarkedContainer<K::kSet>},
      {'a', &M::AddOne<K::kList, 1>},
      {'e', &M::AddMarked<K::kList>},
      {0x90, &M::AddMarked<K::kSet>},
      {'s', &M::AddOne<K::kDict, 2>},
      {'u', &M::AddMarked<K::kDict>},
      {0x94, &M::MemoizeNext},
      {'q', &M::Put<uint8_t>},
      {'r', &M::Put<uint32_t>},
      {'h', &M::Get<uint8_t>},
      {'j', &M::Get<uint32_t>},
      {'c', &M::GlobalLines},
      {0x93, &M::StackGlobal},
      {'Q', &M::PersistentId},
      {'R', &M::Call},
      {0x81, &M::Call},  // a class's __new__
      {'b', &M::PassOverAttributes},
  };
  static const auto* const handlers = [] {
    auto* const table = new std::array<Handler, 256>();
    for (const auto& [opcode, handler] : kOpcodes) (*table)[static_cast<size_t>(opcode)] = handler;
    return table;
  }();
  return *handlers;
}

}  // namespace

absl::StatusOr<Pickle> ReadPickle(absl::string_view bytes, uint64_t max_memory, absl::string_view name) {
  return PickleMachine(bytes, max_memory, name).Run();
}

}  // namespace probesweep::worker
