#include "client/compare/verification.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/support/status_matchers.h"

namespace probesweep::client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsSubsetOf;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// Three checkpoints, three dimensions, all tasks done.
v1::Sweep MakeSweep() {
  v1::Sweep sweep;
  sweep.mutable_spec()->set_name("demo");
  sweep.mutable_spec()->set_model("neox");
  sweep.mutable_spec()->set_weight(2);
  v1::AnalysisConfig& analysis = *sweep.mutable_spec()->mutable_analysis();
  analysis.add_protocols("calibrated");
  analysis.set_seed(5);
  analysis.set_keep_probes(true);
  analysis.set_keep_steering_vectors(true);
  analysis.set_keep_representations(true);
  sweep.mutable_spec()->add_checkpoints()->set_pattern("/runs/*/step{0,1}");
  for (const char* name : {"x", "y", "z"}) {
    v1::Dimension& dimension = *sweep.mutable_spec()->add_dimensions();
    dimension.set_name(name);
    dimension.set_dataset_digest(absl::StrCat("digest of ", name));
  }
  for (const char* name : {"a-step0", "a-step1", "b-step0"}) {
    v1::Checkpoint& checkpoint = *sweep.add_checkpoints();
    checkpoint.set_name(name);
    checkpoint.set_path(absl::StrCat("/runs/", name));
  }
  return sweep;
}

std::vector<v1::Task> Tasks(int count) {
  std::vector<v1::Task> tasks(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    tasks[static_cast<size_t>(i)].set_checkpoint(absl::StrCat("c", i));
    tasks[static_cast<size_t>(i)].set_dimension("x");
    tasks[static_cast<size_t>(i)].set_state(v1::TASK_STATE_DONE);
  }
  return tasks;
}

TEST(PickCells, DrawsFinishedTasksOnly) {
  std::vector<v1::Task> tasks = Tasks(4);
  tasks[1].set_state(v1::TASK_STATE_QUARANTINED);
  EXPECT_THAT(PickCells(tasks, 10, 0), ElementsAre(Pair("c0", "x"), Pair("c2", "x"), Pair("c3", "x")));
  EXPECT_TRUE(PickCells({tasks[1]}, 10, 0).empty());
}

TEST(PickCells, TheSeedDecidesAndEveryTaskMayBeDrawn) {
  const std::vector<v1::Task> tasks = Tasks(30);
  EXPECT_EQ(PickCells(tasks, 3, 7), PickCells(tasks, 3, 7));
  std::set<SweepCell> drawn;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    const std::vector<SweepCell> cells = PickCells(tasks, 3, seed);
    ASSERT_EQ(cells.size(), 3u);
    drawn.insert(cells.begin(), cells.end());
  }
  EXPECT_EQ(drawn.size(), 30u);
}

std::string Outline(const v1::SweepSpec& spec) {
  std::string text;
  for (const v1::CheckpointPattern& pattern : spec.checkpoints())
    absl::StrAppend(&text, pattern.pattern(), " ");
  for (const v1::Dimension& dimension : spec.dimensions()) absl::StrAppend(&text, dimension.name(), " ");
  return text;
}

TEST(PlanVerification, CheckpointsWithTheSameDimensionsShareASweepAndNothingElseIsComputed) {
  ASSERT_OK_AND_ASSIGN(
      const std::vector<v1::SweepSpec> specs,
      PlanVerification(
          MakeSweep(),
          {{"a-step0", "x"}, {"a-step0", "z"}, {"a-step1", "y"}, {"b-step0", "x"}, {"b-step0", "z"}},
          "nonce"));
  std::vector<std::string> outlines;
  for (const v1::SweepSpec& spec : specs) outlines.push_back(Outline(spec));
  EXPECT_THAT(outlines, UnorderedElementsAre("/runs/a-step0 /runs/b-step0 x z ", "/runs/a-step1 y "));
}

TEST(PlanVerification, KeepsTheAnalysisAndIsComputedAnewWithoutArtifacts) {
  ASSERT_OK_AND_ASSIGN(const std::vector<v1::SweepSpec> specs,
                       PlanVerification(MakeSweep(), {{"a-step0", "x"}}, "nonce"));
  ASSERT_EQ(specs.size(), 1u);
  const v1::SweepSpec& spec = specs[0];
  EXPECT_EQ(spec.recompute(), "nonce");
  EXPECT_EQ(spec.name(), "verify-demo");
  EXPECT_EQ(spec.model(), "neox");
  EXPECT_EQ(spec.weight(), 2);
  EXPECT_EQ(spec.analysis().protocols(0), "calibrated");
  EXPECT_EQ(spec.analysis().seed(), 5);
  EXPECT_FALSE(spec.analysis().keep_probes());
  EXPECT_FALSE(spec.analysis().keep_steering_vectors());
  EXPECT_FALSE(spec.analysis().keep_representations());
  EXPECT_EQ(spec.dimensions(0).dataset_digest(), "digest of x");
}

TEST(PlanVerification, ALongNameStaysAName) {
  v1::Sweep sweep = MakeSweep();
  sweep.mutable_spec()->set_name(std::string(64, 'n'));
  ASSERT_OK_AND_ASSIGN(const std::vector<v1::SweepSpec> specs,
                       PlanVerification(sweep, {{"a-step0", "x"}}, "n"));
  EXPECT_EQ(specs[0].name().size(), 64u);
}

TEST(PlanVerification, RefusesCellsOfAnotherSweep) {
  EXPECT_STATUS(PlanVerification(MakeSweep(), {{"c", "x"}}, "n"), kFailedPrecondition, "no checkpoint c");
  EXPECT_STATUS(PlanVerification(MakeSweep(), {{"a-step0", "q"}}, "n"), kFailedPrecondition,
                "no dimension q");
}

TEST(CheckpointNamesOf, AreTheSweepsOwnByPath) {
  v1::Sweep verification;
  verification.add_checkpoints()->set_name("step0");
  verification.mutable_checkpoints(0)->set_path("/runs/b-step0");
  EXPECT_THAT(CheckpointNames(MakeSweep(), verification), ElementsAre(Pair("step0", "b-step0")));
}

}  // namespace
}  // namespace probesweep::client
