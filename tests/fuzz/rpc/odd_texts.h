#ifndef PROBESWEEP_TESTS_FUZZ_RPC_ODD_TEXTS_H_
#define PROBESWEEP_TESTS_FUZZ_RPC_ODD_TEXTS_H_

#include <string>
#include <vector>

namespace probesweep::fuzz {

// What breaks parsers, paths, queries, logs and tables.
const std::vector<std::string>& OddTexts();
// No UTF-8: a whole message is refused for one of them.
const std::vector<std::string>& BrokenTexts();
// Patterns of checkpoints: paths, braces, globs.
const std::vector<std::string>& OddPatterns();

}  // namespace probesweep::fuzz

#endif  // PROBESWEEP_TESTS_FUZZ_RPC_ODD_TEXTS_H_
