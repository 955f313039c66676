// Rules of a tokenizer that make much of little text.
#ifndef PROBESWEEP_WORKER_TEXT_GROWTH_H_
#define PROBESWEEP_WORKER_TEXT_GROWTH_H_

#include <algorithm>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/unicode.h"

namespace probesweep::worker {

// How many times longer a tokenizer's rules may make a text, and what a short one may become in any case.
// Normal forms reach 18 times; what published tokenizers do to words of natural languages, 3 times.
inline constexpr size_t kMaxGrowth = 64;
inline constexpr size_t kAlwaysAllowedBytes = 16 << 10;

// Whether `bytes` may come of `original` bytes. A few rules in a row, each of which doubles a text, would
// otherwise fill the memory. Errors: INVALID_ARGUMENT.
inline absl::Status CheckGrowth(size_t bytes, size_t original) {
  if (bytes <= std::min(kMaxTextBytes, kAlwaysAllowedBytes + kMaxGrowth * original)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("its rules make a text of ", original, " bytes more than ",
                                                 kMaxGrowth,
                                                 " times as long; no published tokenizer's do: copy "
                                                 "it again"));
}

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_GROWTH_H_
