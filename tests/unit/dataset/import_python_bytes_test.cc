#include <gtest/gtest.h>

#include "dataset/import/python_bytes.h"
#include "tests/support/status_matchers.h"

namespace probesweep {
namespace {

TEST(PythonBytesTest, KnowsAByteStringByItsEnds) {
  EXPECT_TRUE(IsPythonBytes("b''"));
  EXPECT_TRUE(IsPythonBytes("b'tea'"));
  EXPECT_TRUE(IsPythonBytes("b\"it's\""));
  EXPECT_FALSE(IsPythonBytes("b'"));
  EXPECT_FALSE(IsPythonBytes("b'tea\""));
  EXPECT_FALSE(IsPythonBytes("b'tea' "));
  EXPECT_FALSE(IsPythonBytes("'tea'"));
  EXPECT_FALSE(IsPythonBytes("bb'tea'"));
}

TEST(PythonBytesTest, DecodesWhatPythonWrites) {
  const std::pair<const char*, const char*> cases[] = {
      {"b''", ""},
      {"b' tea '", " tea "},
      {"b\"it's tea\"", "it's tea"},
      {"b'\"it\\'s\" tea'", "\"it's\" tea"},
      {"b'- tea\\n- milk\\r\\tx'", "- tea\n- milk\r\tx"},
      {"b'a\\\\n b\\\\'", "a\\n b\\"},
      {"b'caf\\xc3\\xa9 \\x7f\\xC3\\xA9'", "caf\xC3\xA9 \x7F\xC3\xA9"},
  };
  for (const auto& [literal, text] : cases) {
    ASSERT_OK_AND_ASSIGN(const std::string decoded, DecodePythonBytes(literal));
    EXPECT_EQ(decoded, text) << literal;
  }
}

TEST(PythonBytesTest, RefusesWhatPythonDoesNotWrite) {
  EXPECT_STATUS(DecodePythonBytes("b'it's'"), kInvalidArgument, "a quote (') in its midst");
  EXPECT_STATUS(DecodePythonBytes("b'a\\q'"), kInvalidArgument, "the escape '\\q'");
  EXPECT_STATUS(DecodePythonBytes("b'a\\x4'"), kInvalidArgument, "the escape '\\x'");
  EXPECT_STATUS(DecodePythonBytes("b'a\\xg0'"), kInvalidArgument, "the escape '\\x'");
  EXPECT_STATUS(DecodePythonBytes("b'a\\'"), kInvalidArgument, "the escape '\\'");
  EXPECT_STATUS(DecodePythonBytes("b'caf\\xe9'"), kInvalidArgument, "not UTF-8");
}

}  // namespace
}  // namespace probesweep
