#include "tests/support/status_matchers.h"

#include "absl/strings/match.h"

namespace probesweep::testing {

::testing::AssertionResult StatusIs(const absl::Status& status, absl::StatusCode code,
                                    const std::vector<std::string>& parts) {
  if (status.code() != code) {
    return ::testing::AssertionFailure() << "expected " << absl::StatusCodeToString(code) << ", got " << status;
  }
  for (const std::string& part : parts) {
    if (!absl::StrContains(status.message(), part)) {
      return ::testing::AssertionFailure() << "'" << part << "' is not in: " << status;
    }
  }
  return ::testing::AssertionSuccess();
}

}  // namespace probesweep::testing
