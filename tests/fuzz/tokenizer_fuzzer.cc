// tokenizer.json and tokenizer.model, and texts run through what they describe.
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/memory_folder.h"
#include "worker/text/tokenizer.h"

namespace probesweep::worker {
namespace {

constexpr absl::string_view kText = " Ab aab\n  caf\xC3\xA9 \xE2\x96\x81x 123 \xF0\x9F\x98\x80<s>";

void Use(const Tokenizer& tokenizer, absl::string_view text) {
  for (const bool special : {false, true}) {
    const auto ids = tokenizer.Encode(text, special);
    if (!ids.ok()) {
      fuzz::Expect(ExitCodeFor(ids.status()) == kExitRefusedInput,
                   "a text is refused, not a failure of ours");
      continue;
    }
    const std::string back = tokenizer.Decode(*ids, special);
    fuzz::Expect(tokenizer.Encode(text, special) == ids, "the same text has the same ids");
    fuzz::Expect(back == tokenizer.Decode(*ids, special), "the same ids have the same text");
  }
}

// What follows the last NUL is a text.
void TryJson(absl::string_view input) {
  constexpr char kName[] = "tokenizer.json";
  const size_t end = input.rfind('\0');
  const auto tokenizer = Tokenizer::FromJson(input.substr(0, end), kName);
  if (!tokenizer.ok()) return fuzz::ExpectRefusal(tokenizer.status(), kName);
  Use(**tokenizer, kText);
  if (end != absl::string_view::npos) Use(**tokenizer, input.substr(end + 1));
}

void TrySentencePiece(absl::string_view input) {
  constexpr char kName[] = "tokenizer.model";
  static const fuzz::MemoryFolder& folder = *new fuzz::MemoryFolder();
  folder.Write(kName, input);
  const auto tokenizer = Tokenizer::Open(folder.path());
  if (!tokenizer.ok()) return fuzz::ExpectRefusal(tokenizer.status(), kName);
  Use(**tokenizer, kText);
}

}  // namespace
}  // namespace probesweep::worker

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  // Protocol buffers of this kind begin with a line feed, JSON does not have to.
  if (!input.empty() && input[0] == '\n') {
    probesweep::worker::TrySentencePiece(input);
  } else {
    probesweep::worker::TryJson(input);
  }
  return 0;
}
