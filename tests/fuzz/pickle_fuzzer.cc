// Pickles as data: whatever is read names only what is allowed, and every value can be looked at.
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/fuzz/expect.h"
#include "worker/checkpoint/pickle.h"
#include "worker/checkpoint/pickle_reader.h"
#include "worker/checkpoint/torch_types.h"

namespace probesweep::worker {
namespace {

constexpr uint64_t kMaxMemory = 1 << 20;

// Looks at every value that hangs on the root, each once: they may hold each other in a circle.
class Walk {
 public:
  explicit Walk(const Pickle& pickle) : pickle_(pickle) { Add(pickle.root()); }

  void Run() {
    while (!waiting_.empty()) {
      const PickleValue value = waiting_.back();
      waiting_.pop_back();
      LookAt(value);
    }
  }

 private:
  void Add(PickleValue value) {
    const bool stands_alone = value.kind() <= PickleKind::kFloat;
    if (stands_alone || seen_.emplace(value.kind(), value.place()).second) waiting_.push_back(value);
  }

  void LookAt(PickleValue value) {
    switch (value.kind()) {
      case PickleKind::kLong:
      case PickleKind::kString:
      case PickleKind::kBytes:
        for (const char c : pickle_.Text(value)) checksum_ += static_cast<unsigned char>(c);
        return;
      case PickleKind::kTuple:
      case PickleKind::kList:
      case PickleKind::kSet:
        for (const PickleValue element : pickle_.Elements(value)) Add(element);
        return;
      case PickleKind::kDict:
        for (const Pickle::Pair& pair : pickle_.Items(value)) AddPair(pair);
        return;
      case PickleKind::kGlobal: {
        const Pickle::Global& global = pickle_.GlobalOf(value);
        return fuzz::Expect(PickleAllows(global.module, global.name), "only what is allowed is named");
      }
      case PickleKind::kCall:
        fuzz::Expect(pickle_.Call(value).first.is(PickleKind::kGlobal), "only a global is called");
        return AddPair(pickle_.Call(value));
      case PickleKind::kPersistentId:
        return Add(pickle_.PersistentId(value));
      default:
        return;
    }
  }

  void AddPair(const Pickle::Pair& pair) {
    Add(pair.first);
    Add(pair.second);
  }

  const Pickle& pickle_;
  std::vector<PickleValue> waiting_;
  std::set<std::pair<PickleKind, size_t>> seen_;
  volatile unsigned checksum_ = 0;  // so that the bytes are read
};

}  // namespace
}  // namespace probesweep::worker

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace probesweep::worker;
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  const auto pickle = ReadPickle(input, kMaxMemory, "data.pkl");
  if (!pickle.ok()) {
    probesweep::fuzz::ExpectRefusal(pickle.status(), "data.pkl");
    return 0;
  }
  probesweep::fuzz::Expect(pickle->size() <= size, "a pickle ends within its bytes");
  Walk(*pickle).Run();
  return 0;
}
