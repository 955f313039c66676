// Text for people: widths in a terminal.
#ifndef PROBESWEEP_CLIENT_RENDER_TEXT_H_
#define PROBESWEEP_CLIENT_RENDER_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace probesweep::client {

// Columns that UTF-8 text takes: its code points (no wide or combining ones are expected).
size_t DisplayWidth(absl::string_view text);

// The text, cut to at most `width` columns; a cut is marked by "…".
std::string Truncated(absl::string_view text, size_t width);

// Pads with spaces to `width` columns, at the left or at the right.
std::string PadLeft(absl::string_view text, size_t width);
std::string PadRight(absl::string_view text, size_t width);

// Exact and short: 16000 -> "16k", 1500 -> "1.5k", 1024 -> "1024", 2000000 -> "2M".
std::string ShortCount(int64_t count);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_RENDER_TEXT_H_
