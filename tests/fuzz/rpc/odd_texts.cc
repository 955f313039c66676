#include "tests/fuzz/rpc/odd_texts.h"

namespace probesweep::fuzz {

const std::vector<std::string>& OddTexts() {
  using namespace std::string_literals;
  // clang-format off
  static const auto& texts = *new std::vector<std::string>{
      ""s, " "s, "."s, ".."s, "../.."s, "/"s, "//"s, "/.."s, "/etc/passwd"s, "a/b"s, "a\\b"s, "-"s, "0"s,
      "-1"s, "+1"s, "1e9"s, "9223372036854775807"s, "9223372036854775808"s, "18446744073709551616"s,
      "nan"s, "null"s, "true"s, "line\nbreak"s, "line\rbreak"s, "tab\there"s, "zero\0byte"s, "\0"s,
      "\x1b[31mred"s, "\x7f"s, "\xe2\x80\xae"s, "\xf0\x9f\x94\xa5"s, "'; DROP TABLE sweeps; --"s,
      "\"quoted\""s, "$1"s, "%s%n"s, "{}"s, "{0}"s, "<script>"s, std::string(63, 'a'),
      std::string(64, 'a'), std::string(65, 'a'), std::string(128, 'b'), std::string(129, 'b'),
      std::string(257, 'c'), std::string(4096, 'd'), std::string(4097, 'd'), std::string(64, 'A'),
      std::string(64, 'g')};
  // clang-format on
  return texts;
}

const std::vector<std::string>& BrokenTexts() {
  static const auto& texts =
      *new std::vector<std::string>{"\xc3\x28", "\xff\xfe", "half\xe2\x82", "\xed\xa0\x80"};
  return texts;
}

const std::vector<std::string>& OddPatterns() {
  static const auto& patterns =
      *new std::vector<std::string>{"/{0..3}",
                                    "/{0..99999999999999}",
                                    "/{9223372036854775807..0..9223372036854775807}",
                                    "/{0..9..0}",
                                    "/{3..0..-1}",
                                    "/{",
                                    "/}",
                                    "/{{{{{{{{a",
                                    "/{a,b",
                                    "/{,}{,}{,}{,}{,}{,}{,}{,}",
                                    "/\\",
                                    "/a/../../../..",
                                    "/{0..300}/*",
                                    "/[",
                                    "/a\\*",
                                    "relative/path",
                                    "/step9223372036854775808",
                                    "/step-1",
                                    "/tokens999999999999T",
                                    "/dev/null",
                                    "/proc/self/{fd,task}"};
  return patterns;
}

}  // namespace probesweep::fuzz
