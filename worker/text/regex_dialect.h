// Which regular expressions mean the same to Oniguruma's Ruby syntax and to ICU.
#ifndef PROBESWEEP_WORKER_TEXT_REGEX_DIALECT_H_
#define PROBESWEEP_WORKER_TEXT_REGEX_DIALECT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace probesweep::worker {

// OK for patterns made of what the two dialects share: literals, classes, \p{general category or script},
// \s \d, \n-like escapes, anchors, groups, lookaround, (?i:…), greedy, lazy and possessive quantifiers.
// UNIMPLEMENTED, naming the construct, for everything else: e.g. \w, \b, {1,3}+, (?m), (?<name>…), [a&&b].
absl::Status CheckRegexDialect(absl::string_view pattern);

// `pattern` for a message: cut short where it is long.
std::string ShownPattern(absl::string_view pattern);

// `pattern`, which has passed the check, for ICU: general categories and \d take in the characters that
// Oniguruma knows and ICU does not (newer_characters.h).
std::string ToIcuPattern(absl::string_view pattern);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_REGEX_DIALECT_H_
