#include "worker/analysis/protocol.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace probesweep::worker {
namespace {

ProtocolInput Input(const Statements& statements) {
  ProtocolInput input;
  input.statements = &statements;
  input.dataset = "privacy";
  return input;
}

TEST(CreateProtocolTest, KnowsEveryProtocolThatAConfigurationMayName) {
  const Statements statements{{"a b", "a c", "b b", "c d", "a"}, {0, 1, 1, 0, 1}, {}};
  for (const std::string& name : KnownProtocols()) {
    SCOPED_TRACE(name);
    ASSERT_OK_AND_ASSIGN(const SurfaceBaseline surface, FitSurfaceBaselineFor(name, Input(statements)));
    EXPECT_OK(CreateProtocol(name, Input(statements), surface));
  }
}

TEST(CreateProtocolTest, RefusesAnUnknownName) {
  const Statements statements{{"a", "b"}, {0, 1}, {}};
  EXPECT_STATUS(CreateProtocol("relased", Input(statements), {}), kInvalidArgument, "'relased'", "released");
  EXPECT_STATUS(FitSurfaceBaselineFor("relased", Input(statements)), kInvalidArgument, "'relased'");
}

TEST(CreateProtocolTest, NamesADatasetThatCannotBeSplit) {
  const Statements statements{{"a", "b", "c", "d", "e"}, {1, 1, 1, 1, 0}, {}};
  EXPECT_STATUS(CreateProtocol("released", Input(statements), {}), kInvalidArgument, "dataset 'privacy'",
                "all have label 1");
  EXPECT_STATUS(FitSurfaceBaselineFor("released", Input(statements)), kInvalidArgument, "dataset 'privacy'");
}

}  // namespace
}  // namespace probesweep::worker
