#include "common/log_fields.h"

#include <gtest/gtest.h>

namespace probesweep {
namespace {

TEST(LogFieldsTest, FieldsStandAtTheEndInTheOrderGiven) {
  EXPECT_EQ(LogFields({{"sweep", "sw-1"}, {"task", std::string("t.2")}, {"epoch", int64_t{7}}}),
            " | sweep=sw-1 task=t.2 epoch=7");
}

TEST(LogFieldsTest, WhatIsNotKnownIsLeftOut) {
  EXPECT_EQ(LogFields({{"sweep", ""}, {"worker", "w"}}), " | worker=w");
  EXPECT_EQ(LogFields({{"sweep", ""}}), "");
  EXPECT_EQ(LogFields({}), "");
}

TEST(LogFieldsTest, AValueCannotPassForAnotherField) {
  EXPECT_EQ(LogFields({{"worker", "w epoch=9"}, {"epoch", 1}}), " | worker=\"w epoch=9\" epoch=1");
  EXPECT_EQ(LogFields({{"worker", "a\"b"}}), " | worker=\"a\\\"b\"");
  EXPECT_EQ(LogFields({{"worker", "a\\"}, {"epoch", 1}}), " | worker=\"a\\\\\" epoch=1");
  EXPECT_EQ(LogFields({{"worker", "a|b"}}), " | worker=\"a|b\"");
}

TEST(LogFieldsTest, AValueCannotEndTheLineOrSteerATerminal) {
  const std::string text = LogFields({{"worker", "a\n\x1b[31mb"}});
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_LT(LogFields({{"worker", std::string(100'000, 'x')}}).size(), 300u);
}

}  // namespace
}  // namespace probesweep
