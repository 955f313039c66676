#include "client/render/shared_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/client/fake_sweep_service.h"

namespace probesweep::client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::ResultRow Row(const std::string& checkpoint, const std::string& dimension, const std::string& digest) {
  v1::ResultRow row = MakeRow(checkpoint, dimension, 0, {});
  row.set_checkpoint_digest(digest);
  return row;
}

TEST(WeightNotes, ThereAreNoneWhenEveryCheckpointHasItsOwnWeightsThroughout) {
  EXPECT_THAT(WeightNotes({}), IsEmpty());
  EXPECT_THAT(
      WeightNotes({Row("a", "d1", "1"), Row("a", "d2", "1"), Row("b", "d1", "2"), Row("b", "d2", "2")}),
      IsEmpty());
}

TEST(WeightNotes, ResultsOfUnknownWeightsAreNotTakenForEqual) {
  EXPECT_THAT(WeightNotes({Row("a", "d", ""), Row("b", "d", ""), Row("b", "e", "1")}), IsEmpty());
}

TEST(WeightNotes, NameTheCheckpointsOfOneDigestInTheRowsOrderAndOnce) {
  EXPECT_THAT(WeightNotes({Row("step1000", "d1", "1"), Row("step1000", "d2", "1"),
                           Row("step1000-fixed", "d1", "1"), Row("step1000-fixed", "d2", "1")}),
              ElementsAre("step1000 and step1000-fixed hold the same weights"));
  EXPECT_THAT(WeightNotes({Row("z", "d", "1"), Row("m", "d", "2"), Row("c", "d", "1"), Row("b", "d", "2"),
                           Row("a", "d", "1")}),
              ElementsAre("z, c and a hold the same weights", "m and b hold the same weights"));
}

TEST(WeightNotes, TellWhichCheckpointChangedUnderTheSweep) {
  const std::vector<std::string> notes =
      WeightNotes({Row("a", "d1", "1"), Row("a", "d2", "2"), Row("a", "d3", "1"), Row("b", "d1", "3")});
  EXPECT_THAT(notes,
              ElementsAre(::testing::StartsWith("the results of a are of 2 different sets of weights")));
}

TEST(WeightNotes, ShowNamesThatHoldControlCharactersPrintably) {
  EXPECT_THAT(WeightNotes({Row("a\x1b[31m", "d", "1"), Row("b", "d", "1")}),
              ElementsAre(::testing::Not(::testing::HasSubstr("\x1b"))));
}

}  // namespace
}  // namespace probesweep::client
