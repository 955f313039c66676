#ifndef PROBESWEEP_COMMON_PRINTABLE_H_
#define PROBESWEEP_COMMON_PRINTABLE_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace probesweep {

// What an untrusted file says, for a terminal or a message: on one line, the control characters, which a
// terminal would obey, escaped; of a text longer than `longest` bytes the middle is left out, since messages
// tell what and why at their ends.
std::string Printable(absl::string_view text, size_t longest = absl::string_view::npos);

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_PRINTABLE_H_
