#include "server/scheduling/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/support/fake_folders.h"
#include "tests/support/status_matchers.h"

namespace probesweep::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PlannerTest : public ::testing::Test {
 protected:
  void Folder(const std::string& path) { folders_.folders[path] = {{"model.safetensors", 100, 7}}; }

  absl::StatusOr<Plan> Run(const std::vector<CheckpointPattern>& patterns) {
    SweepSpec spec;
    spec.checkpoints = patterns;
    spec.tokens_per_step = tokens_per_step_;
    return PlanCheckpoints(spec, folders_);
  }

  static std::vector<std::string> Names(const Plan& plan) {
    std::vector<std::string> names;
    for (const Checkpoint& checkpoint : plan.checkpoints) names.push_back(checkpoint.name);
    return names;
  }

  testing::FakeFolders folders_;
  int64_t tokens_per_step_ = 0;
};

TEST_F(PlannerTest, BracesGlobsAndListsComeInTrainingOrder) {
  for (const char* path : {"/m/step64", "/m/step0", "/m/step16", "/n/step8"}) Folder(path);
  ASSERT_OK_AND_ASSIGN(const Plan plan, Run({{"/m/step*", {}, {}}, {"/n/step{8,8}", {}, {}}}));
  EXPECT_THAT(Names(plan), ElementsAre("step0", "step8", "step16", "step64"));
  EXPECT_EQ(plan.checkpoints[1].path, "/n/step8");
  EXPECT_EQ(plan.checkpoints[3].step, 64);
  EXPECT_THAT(plan.warnings, ElementsAre("/n/step8 is listed twice; it is probed once"));
}

TEST_F(PlannerTest, OrderIsTheAuthorsWhenAPositionIsUnknown) {
  for (const char* path : {"/m/step9", "/m/final", "/m/step1"}) Folder(path);
  ASSERT_OK_AND_ASSIGN(const Plan plan, Run({{"/m/{step9,final,step1}", {}, {}}}));
  EXPECT_THAT(Names(plan), ElementsAre("step9", "final", "step1"));
}

TEST_F(PlannerTest, TokensOrderWhereStepsAreUnknown) {
  for (const char* path : {"/m/tokens_2B", "/m/tokens_1B"}) Folder(path);
  ASSERT_OK_AND_ASSIGN(const Plan plan, Run({{"/m/{tokens_2B,tokens_1B}", {}, {}}}));
  EXPECT_THAT(Names(plan), ElementsAre("tokens_1B", "tokens_2B"));
}

TEST_F(PlannerTest, AGivenPositionWinsOverTheName) {
  Folder("/m/step5");
  Folder("/m/final");
  ASSERT_OK_AND_ASSIGN(const Plan plan, Run({{"/m/final", 900, 1000}, {"/m/step5", {}, {}}}));
  EXPECT_THAT(Names(plan), ElementsAre("step5", "final"));
  EXPECT_EQ(plan.checkpoints[1].step, 900);
  EXPECT_EQ(plan.checkpoints[1].tokens, 1000);
}

TEST_F(PlannerTest, TokensFollowFromStepsWhereTheNameDoesNotSay) {
  tokens_per_step_ = 2'097'152;
  for (const char* path : {"/m/step3", "/m/step4-tokens9B", "/m/step9000000000000000"}) Folder(path);
  ASSERT_OK_AND_ASSIGN(const Plan plan, Run({{"/m/*", {}, {}}}));
  EXPECT_EQ(plan.checkpoints[0].tokens, 3 * 2'097'152);
  EXPECT_EQ(plan.checkpoints[1].tokens, 9'000'000'000);
  EXPECT_EQ(plan.checkpoints[2].tokens, std::nullopt) << "the product does not fit";
}

TEST_F(PlannerTest, NamesAreTheShortestEndingsThatDiffer) {
  for (const char* path : {"/x/seed1/step0", "/x/seed2/step0", "/x/seed1/step1"}) Folder(path);
  ASSERT_OK_AND_ASSIGN(const Plan plan, Run({{"/x/seed{1,2}/step0", {}, {}}, {"/x/seed1/step1", {}, {}}}));
  EXPECT_THAT(Names(plan), ElementsAre("seed1-step0", "seed2-step0", "step1"));
}

TEST_F(PlannerTest, NamesStayDifferentWhenJoinedPathsLookAlike) {
  for (const auto& patterns :
       {std::vector<CheckpointPattern>{{"/x/a/b", {}, {}}, {"/y/c/b", {}, {}}, {"/z/a-b", {}, {}}},
        std::vector<CheckpointPattern>{{"/a/b", {}, {}}, {"/c/b", {}, {}}, {"/z/a-b", {}, {}}}}) {
    ASSERT_OK_AND_ASSIGN(const Plan plan, Run(patterns));
    const std::vector<std::string> names = Names(plan);
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 3u)
        << ::testing::PrintToString(names);
  }
}

TEST_F(PlannerTest, PathsAreNormalisedSoThatOneFolderIsPlannedOnce) {
  Folder("/m/step1");
  ASSERT_OK_AND_ASSIGN(const Plan plan, Run({{"/m/step1", {}, {}}, {"/m//./x/../step1/", {}, {}}}));
  EXPECT_EQ(plan.checkpoints.size(), 1u);
  EXPECT_EQ(plan.checkpoints[0].path, "/m/step1");
}

TEST_F(PlannerTest, AFolderThatIsNotSeenIsPlannedWithAWarningAndWithoutIdentity) {
  Folder("/m/step1");
  ASSERT_OK_AND_ASSIGN(const Plan plan, Run({{"/m/step{1,2}", {}, {}}}));
  EXPECT_NE(plan.checkpoints[0].identity, "");
  EXPECT_EQ(plan.checkpoints[1].identity, "");
  EXPECT_GT(plan.checkpoints[0].bytes, 0);
  EXPECT_EQ(plan.checkpoints[1].bytes, 0) << "unknown";
  EXPECT_THAT(plan.warnings, ElementsAre(HasSubstr("checkpoint step2: the coordinator cannot see it")));
}

TEST_F(PlannerTest, MistakesNameTheEntry) {
  Folder("/m/step1");
  EXPECT_STATUS(Run({{"/m/step1", {}, {}}, {"/m/step{1", {}, {}}}), kInvalidArgument, "checkpoints[1]",
                "column 8");
  EXPECT_STATUS(Run({{"/m/none*", {}, {}}}), kNotFound, "checkpoints[0]", "'/m/none*' matches no folder");
  EXPECT_STATUS(Run({{"/m/step{1,2}", 5, {}}}), kInvalidArgument, "checkpoints[0]", "for 2 folders");
  EXPECT_STATUS(Run({{"/m/step{1,2}", {}, 5}}), kInvalidArgument, "checkpoints[0]", "for 2 folders");
  EXPECT_STATUS(Run({}), kInvalidArgument, "checkpoints");
  EXPECT_STATUS(Run({{"/m/{1..60000}", {}, {}}, {"/n/{1..60000}", {}, {}}}), kInvalidArgument,
                "more than 100000");
}

// Counting from one for each name took hours.
TEST_F(PlannerTest, ManyFoldersThatEndAlikeAreNamedAtOnce) {
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "/d";
  ASSERT_OK_AND_ASSIGN(const Plan plan, Run({{"/{1..60000}" + deep, {}, {}}}));
  const std::vector<std::string> names = Names(plan);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 60'000u);
}

TEST_F(PlannerTest, WarningsAreToldUpToAThousand) {
  ASSERT_OK_AND_ASSIGN(const Plan plan, Run({{"/m/{1..1003}", {}, {}}}));
  ASSERT_EQ(plan.warnings.size(), 1001u);
  EXPECT_EQ(plan.warnings.back(), "and 3 warnings more");
}

TEST_F(PlannerTest, FoldersThatNoMessageCanNameAreRefused) {
  Folder("/odd/line\nbreak");
  EXPECT_STATUS(Run({{"/odd/*", {}, {}}}), kInvalidArgument, "checkpoints[0]", "line\\x0abreak");
  folders_.folders.clear();
  Folder("/odd/\xff");
  EXPECT_STATUS(Run({{"/odd/*", {}, {}}}), kInvalidArgument, "checkpoints[0]", "no UTF-8");
  for (const char* root : {"/", "/a/..", "/.//"}) {
    EXPECT_STATUS(Run({{root, {}, {}}}), kInvalidArgument, "checkpoints[0]", "'/' is no checkpoint's folder");
  }
}

TEST_F(PlannerTest, PathsThatNoMessageCanHoldAreRefused) {
  EXPECT_STATUS(Run({{"/{1..4000}/" + std::string(4000, 'x'), {}, {}}}), kInvalidArgument,
                "longer than 12 MiB");
}

TEST_F(PlannerTest, NothingOddGivesNoWarning) {
  Folder("/m/step1");
  ASSERT_OK_AND_ASSIGN(const Plan plan, Run({{"/m/step1", {}, {}}}));
  EXPECT_THAT(plan.warnings, IsEmpty());
}

TEST(CheckpointIdentity, ChangesWheneverTheFolderMayHave) {
  const std::vector<FileFact> files = {{"a", 1, 10}, {"b", 2, 20}};
  const std::string identity = CheckpointIdentity("/m", files);
  EXPECT_EQ(identity, CheckpointIdentity("/m", files));
  EXPECT_NE(identity, CheckpointIdentity("/n", files));
  EXPECT_NE(identity, CheckpointIdentity("/m", {{"a", 1, 10}}));
  EXPECT_NE(identity, CheckpointIdentity("/m", {{"a", 1, 10}, {"c", 2, 20}}));
  EXPECT_NE(identity, CheckpointIdentity("/m", {{"a", 1, 10}, {"b", 3, 20}}));
  EXPECT_NE(identity, CheckpointIdentity("/m", {{"a", 1, 10}, {"b", 2, 21}}));
}

}  // namespace
}  // namespace probesweep::server
