#include "server/domain/text.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace probesweep::server {
namespace {

TEST(CheckText, TakesOneLineOfUtf8) {
  for (const char* text : {"", "a", "the answer is 'true'", "Wahrheit: größer", "真", "a\\b"}) {
    EXPECT_OK(CheckText(text, 100, "field")) << text;
  }
  EXPECT_OK(CheckText(std::string(100, 'x'), 100, "field"));
}

TEST(CheckText, RefusesWhatALogOrATableCannotShow) {
  using namespace std::string_literals;
  for (const std::string& text : {"two\nlines"s, "\r"s, "a\tb"s, "zero\0byte"s, "\x1b[31m"s, "\x7f"s}) {
    EXPECT_STATUS(CheckText(text, 100, "model"), kInvalidArgument, "model: '", "control character");
  }
  for (const char* text : {"\xff", "half\xe2\x82", "\xed\xa0\x80"}) {
    EXPECT_STATUS(CheckText(text, 100, "model"), kInvalidArgument, "model: '", "no UTF-8");
  }
  EXPECT_STATUS(CheckText(std::string(101, 'x'), 100, "model"), kInvalidArgument, "longer than 100 bytes");
}

TEST(CheckText, ShowsTheTextSafelyAndNotWhole) {
  const absl::Status status = CheckText("\x1b[2J\n" + std::string(4000, 'x'), 10'000, "model");
  EXPECT_STATUS(status, kInvalidArgument, "\\x1b[2J\\x0a");
  EXPECT_LT(status.message().size(), 300);
}

}  // namespace
}  // namespace probesweep::server
