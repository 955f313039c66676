// Brace lists and ranges as a shell writes them.
#ifndef PROBESWEEP_COMMON_BRACES_H_
#define PROBESWEEP_COMMON_BRACES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace probesweep {

// "a{x,y}b" → axb, ayb; "{000..358}" → 000, 001, … (zero-padded when a bound is); "{0..100..10}" → every
// tenth; nested and repeated braces multiply. A backslash takes the next character literally. Order is the
// author's. Errors: INVALID_ARGUMENT with the column of an unbalanced brace, a range that is none, braces
// nested over 32 deep, or when more than `limit` texts would come out.
absl::StatusOr<std::vector<std::string>> ExpandBraces(const std::string& pattern, size_t limit = 100'000);

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_BRACES_H_
