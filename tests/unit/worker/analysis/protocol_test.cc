#include "worker/analysis/protocol.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/unit/worker/analysis/simulated_worlds.h"

namespace probesweep::worker {
namespace {

ProtocolInput Input(const Statements& statements) { return InputOf(statements, "privacy"); }

Statements Rows() {
  return {
      {"a b", "a c", "b b", "c d", "a", "b", "d a", "d"}, {0, 1, 1, 0, 1, 1, 0, 0}, {0, 1, 2, 3, 4, 5, 6, 7}};
}

TEST(CreateProtocolTest, KnowsEveryProtocolThatAConfigurationMayName) {
  const Statements statements = Rows();
  for (const std::string& name : KnownProtocols()) {
    SCOPED_TRACE(name);
    int steps = 0;
    const auto step = [&] {
      ++steps;
      return absl::OkStatus();
    };
    ASSERT_OK_AND_ASSIGN(const SurfaceBaselines surface, FitSurfaceBaselines(name, Input(statements), step));
    EXPECT_EQ(surface.splits.size(), name == "calibrated" ? 5u : 1u);
    EXPECT_EQ(steps, static_cast<int>(surface.splits.size()));
    EXPECT_OK(CreateProtocol(name, Input(statements), surface));
  }
}

TEST(CreateProtocolTest, RefusesAnUnknownName) {
  const Statements statements = Rows();
  EXPECT_STATUS(CreateProtocol("relased", Input(statements), {}), kInvalidArgument, "'relased'", "released");
  EXPECT_STATUS(FitSurfaceBaselines("relased", Input(statements), NoStep), kInvalidArgument, "'relased'");
}

TEST(CreateProtocolTest, NamesADatasetThatCannotBeSplit) {
  const Statements statements{{"a", "b", "c", "d", "e"}, {1, 1, 1, 1, 0}, {0, 1, 2, 3, 4}};
  EXPECT_STATUS(CreateProtocol("released", Input(statements), {}), kInvalidArgument, "dataset 'privacy'",
                "all have label 1");
  EXPECT_STATUS(FitSurfaceBaselines("released", Input(statements), NoStep), kInvalidArgument,
                "dataset 'privacy'");
}

TEST(FitSurfaceBaselinesTest, EndWhenAStepSaysSo) {
  const Statements statements = Rows();
  EXPECT_STATUS(
      FitSurfaceBaselines("calibrated", Input(statements), [] { return absl::CancelledError("stop"); }),
      kCancelled, "stop");
}

}  // namespace
}  // namespace probesweep::worker
