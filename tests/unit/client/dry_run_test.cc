#include "client/cli/dry_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"
#include "tests/unit/client/run_command.h"

namespace probesweep::client {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Stands in for probesweep-worker: notes how it was called and gives the plan, or what the checkpoint's
// folder has as a report.
constexpr const char* kWorker = R"(#!/bin/sh
here=$(dirname "$0")
echo "$@" >> "$here/calls"
for last; do :; done
if [ -f "$last/report" ]; then cat "$last/report"; exit 3; fi
echo '{"plan": {"bytes_to_read": 2147483648, "tokens": 3000, "rows": 2000, "threads": 2,
  "flops": {"products": 4e12, "attention": 1e12}, "memory_bytes": {"peak": 1073741824},
  "seconds": {"pass": 60}, "rates": {"sgemm": 1e11, "read": 2e9}}}'
)";

class DryRunTest : public ::testing::Test {
 protected:
  DryRunTest() {
    EXPECT_OK(WriteFileAtomically(folder_.File("probesweep-worker"), kWorker));
    std::filesystem::permissions(folder_.File("probesweep-worker"), std::filesystem::perms::owner_all);
    EXPECT_OK(WriteFileAtomically(folder_.File("data.csv"), "statement,label\na,1\nb,0\n"));
    for (const char* name : {"step1", "step2"}) EXPECT_OK(MakeFolders(folder_.File(name)));
  }

  ExitCode Run(const std::string& checkpoints, bool with_worker = true) {
    EXPECT_OK(WriteFileAtomically(folder_.File("sweep.yaml"),
                                  absl::StrCat("name: demo\nmodel: m\ncheckpoints: ", checkpoints,
                                               "\ndimensions:\n  - {name: a, dataset: data.csv}\n"
                                               "  - {name: b, dataset: data.csv}\n"
                                               "analysis: {protocols: [calibrated], splits: 7}\n")));
    const std::string path = with_worker ? folder_.path() : "";
    World world{
        out_,         err_, {}, {}, [path](const std::string& name) { return name == "PATH" ? path : ""; },
        ConnectToNone};
    return RunCommandLine({"sweep", "submit", folder_.File("sweep.yaml"), "--dry-run"}, world);
  }
  std::string Calls() { return ReadFile(folder_.File("calls")).value_or(""); }

  testing::TempDir folder_;
  std::ostringstream out_, err_;
};

TEST_F(DryRunTest, ShowsThePlanOfEveryCheckpointAndTheirSum) {
  EXPECT_EQ(Run("['step{1,2}']"), kExitDone) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr(folder_.File("step1") + "  2.0 GiB    3000           2000  5 TFLOP"));
  EXPECT_THAT(out_.str(), HasSubstr(folder_.File("step2")));
  EXPECT_THAT(out_.str(), HasSubstr("2 checkpoints × 2 dimensions = 4 tasks"));
  EXPECT_THAT(out_.str(),
              HasSubstr("in all: 4.0 GiB to read, 10 TFLOP, at most 1.0 GiB of memory, about 2 min "
                        "for one worker on 2 cores"));
  EXPECT_THAT(err_.str(), IsEmpty());
}

TEST_F(DryRunTest, TellsTheWorkerTheAnalysisAndWhatItHasMeasured) {
  EXPECT_EQ(Run("['step{1,2}']"), kExitDone);
  const std::vector<std::string> calls = absl::StrSplit(Calls(), '\n', absl::SkipEmpty());
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_THAT(calls[0], HasSubstr("--protocols calibrated --solver exact --splits 7 --permutations 200"));
  EXPECT_THAT(calls[0], Not(HasSubstr("--sgemm-rate")));
  EXPECT_THAT(calls[1], HasSubstr("--sgemm-rate 1e+11 --read-rate 2e+09 --checkpoint"));
  const std::string dataset = calls[0].substr(calls[0].find("--dataset ") + 10);
  EXPECT_FALSE(std::filesystem::exists(dataset.substr(0, dataset.find(' ')))) << "datasets are cleared away";
}

TEST_F(DryRunTest, SaysWhichCheckpointsAreNotHere) {
  EXPECT_EQ(Run("[step1, elsewhere/step3, 'run*/x']"), kExitDone);
  EXPECT_THAT(err_.str(), HasSubstr(folder_.File("elsewhere/step3") + " is not reachable from here"));
  EXPECT_THAT(err_.str(), HasSubstr(folder_.File("run*/x") + " is not reachable from here"));
  EXPECT_THAT(out_.str(), HasSubstr("of those planned: 2.0 GiB to read"));
}

TEST_F(DryRunTest, PassesAGlobsFoldersOnceEach) {
  EXPECT_EQ(Run("['step*', step1]"), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("2 checkpoints × 2 dimensions"));
}

TEST_F(DryRunTest, ACheckpointThatCannotBeProbedIsRefusedOnceAllAreShown) {
  ASSERT_OK(WriteFileAtomically(folder_.File("step1/report"), R"({"problems": ["tensor 'x' is missing"]})"));
  EXPECT_EQ(Run("['step{1,2}']"), kExitRefusedInput);
  EXPECT_THAT(err_.str(), HasSubstr(folder_.File("step1") + " cannot be probed: tensor 'x' is missing"));
  EXPECT_THAT(err_.str(), HasSubstr("1 of 2 checkpoints that are here cannot be probed"));
  EXPECT_THAT(out_.str(), HasSubstr(folder_.File("step2")));
}

TEST_F(DryRunTest, AWorkerThatSaysNothingIsNamed) {
  ASSERT_OK(WriteFileAtomically(folder_.File("step1/report"), "no JSON"));
  EXPECT_EQ(Run("[step1]"), kExitRefusedInput);
  EXPECT_THAT(err_.str(), HasSubstr("probesweep-worker ended with exit code 3"));
  EXPECT_THAT(err_.str(), HasSubstr("probesweep-worker inspect --checkpoint " + folder_.File("step1")));
}

TEST_F(DryRunTest, AWorkerOfAnotherReleaseIsNotUnderstood) {
  ASSERT_OK(WriteFileAtomically(folder_.File("step1/report"), R"({"plan": {"tokens": "many"}})"));
  EXPECT_EQ(Run("[step1]"), kExitRefusedInput);
  EXPECT_THAT(err_.str(), HasSubstr("is it of this release?"));
}

TEST_F(DryRunTest, NeedsAWorkerProgramAndAGoodFile) {
  EXPECT_EQ(Run("[step1]", /*with_worker=*/false), kExitRefusedInput);
  EXPECT_THAT(err_.str(), HasSubstr("cannot find probesweep-worker"));
  EXPECT_EQ(Run("['step{1']"), kExitRefusedInput);
  EXPECT_THAT(err_.str(), HasSubstr("'{' without '}'"));
  EXPECT_THAT(Calls(), IsEmpty());
}

}  // namespace
}  // namespace probesweep::client
