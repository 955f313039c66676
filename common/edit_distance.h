// "Did you mean …?" for names in files and on command lines.
#ifndef PROBESWEEP_COMMON_EDIT_DISTANCE_H_
#define PROBESWEEP_COMMON_EDIT_DISTANCE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace probesweep {

// Levenshtein distance, one for a swap of neighbours too (optimal string alignment).
int EditDistance(absl::string_view a, absl::string_view b);

// The candidate nearest to `name`, or "" when none is near enough (more than half its letters differ).
std::string NearestName(absl::string_view name, const std::vector<std::string>& candidates);

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_EDIT_DISTANCE_H_
