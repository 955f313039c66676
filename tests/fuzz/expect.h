// What must hold for any input: a target that finds otherwise aborts, which libFuzzer reports.
#ifndef PROBESWEEP_TESTS_FUZZ_EXPECT_H_
#define PROBESWEEP_TESTS_FUZZ_EXPECT_H_

#include <cstdio>
#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "common/status.h"

namespace probesweep::fuzz {

inline void Expect(bool holds, absl::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

// A refusal is told from a failure of ours by its exit code, and says which file it is about.
inline void ExpectRefusal(const absl::Status& status, absl::string_view file) {
  constexpr size_t kLongest = 4000;  // a message that quotes the file without end hides the reason
  const bool refused = ExitCodeFor(status) == kExitRefusedInput;
  const bool named = absl::StrContains(status.message(), file) && status.message().size() <= kLongest;
  if (!refused || !named) std::fprintf(stderr, "%.4000s\n", status.ToString().c_str());
  Expect(refused, "a hostile file is refused, not a failure of ours");
  Expect(named, "a refusal names the file, in few words");
}

}  // namespace probesweep::fuzz

#endif  // PROBESWEEP_TESTS_FUZZ_EXPECT_H_
