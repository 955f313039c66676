#ifndef PROBESWEEP_TESTS_E2E_ANSWERS_H_
#define PROBESWEEP_TESTS_E2E_ANSWERS_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"

namespace probesweep::testing {

// Every part is in the text: what is wrong, where, and how to mend it.
inline void ExpectParts(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    EXPECT_TRUE(absl::StrContains(text, part)) << "'" << part << "' is not in: " << text;
  }
}

}  // namespace probesweep::testing

#endif  // PROBESWEEP_TESTS_E2E_ANSWERS_H_
