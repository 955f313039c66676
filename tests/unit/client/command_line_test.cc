#include "client/cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "client/render/result_writer.h"
#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"
#include "tests/unit/client/fake_sweep_service.h"
#include "tests/unit/client/run_command.h"

namespace probesweep::client {
namespace {

using ::testing::HasSubstr;

std::string Contents(const std::string& path) { return ReadFile(path).value_or("(cannot be read)"); }

class CommandLineTest : public ::testing::Test {
 protected:
  CommandLineTest() {
    FakeSweepService& service = coordinator_.service;
    service.sweeps = {SweepWithResults({"privacy"}, service.rows)};
  }

  ExitCode Run(const std::string& command) {
    return RunCommand(command, out_, err_, [this](const Settings& settings) {
      addresses_ = settings.coordinators;
      return coordinator_.NewClient();
    });
  }
  std::string WriteSweepFile() {
    EXPECT_OK(WriteFileAtomically(folder_.File("data.csv"), "statement,label\na,1\n"));
    EXPECT_OK(WriteFileAtomically(folder_.File("s.yaml"),
                                  "name: demo\nmodel: m\ncheckpoints: [a]\ndimensions:\n"
                                  "  - {name: x, dataset: data.csv}\n  - {name: y, dataset: data.csv}\n"));
    return folder_.File("s.yaml");
  }
  // A watch of one state in which `failed` tasks failed.
  void PlanWatch(v1::SweepState state, int failed) {
    v1::WatchSweepResponse response;
    *response.mutable_sweep() = MakeSweep("sw-1", "demo", state);
    response.mutable_sweep()->mutable_tasks()->set_quarantined(failed);
    coordinator_.service.watches = {{response}};
    v1::Task& task = coordinator_.service.tasks.emplace_back();
    task.set_checkpoint("step16");
    task.set_dimension("x");
    task.set_state(failed > 0 ? v1::TASK_STATE_QUARANTINED : v1::TASK_STATE_DONE);
    task.set_error("no such folder");
  }

  FakeCoordinator coordinator_;
  testing::TempDir folder_;
  std::ostringstream out_;
  std::ostringstream err_;
  std::vector<std::string> addresses_;
};

TEST_F(CommandLineTest, UsageMistakesExitWith2AndNameTheNearest) {
  const struct {
    const char* command;
    const char* message;
  } cases[] = {{"", "A subcommand is required"},
               {"swep list", "did you mean 'sweep'?"},
               {"sweep sumbit x", "did you mean 'submit'?"},
               {"sweep list --jsn", "did you mean '--json'?"},
               {"sweep submit", "FILE is required"},
               {"sweep list --limit 0", "--limit"},
               {"artifacts list demo --kind probe", "steering_vectors"},
               {"results plot demo", "--output is required"}};
  for (const auto& c : cases) {
    EXPECT_EQ(Run(c.command), kExitUsage) << c.command;
    EXPECT_THAT(err_.str(), HasSubstr(c.message));
    EXPECT_THAT(err_.str(), HasSubstr("--help`"));
    EXPECT_EQ(out_.str(), "");
  }
}

TEST_F(CommandLineTest, HelpAndVersionAreAnswersOnStandardOutput) {
  EXPECT_EQ(Run("--version"), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("probesweep 0."));
  EXPECT_EQ(Run("sweep submit --help"), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("Usage: probesweep sweep submit [OPTIONS] FILE"));
  EXPECT_EQ(err_.str(), "");
}

TEST_F(CommandLineTest, PassesTheCoordinatorsOnWhereverTheFlagStands) {
  EXPECT_EQ(Run("sweep list --coordinator a:1,b:2"), kExitDone);
  EXPECT_THAT(addresses_, ::testing::ElementsAre("a:1", "b:2"));
  EXPECT_EQ(Run("--coordinator c:1 sweep list"), kExitDone);
  EXPECT_THAT(addresses_, ::testing::ElementsAre("c:1"));
}

TEST_F(CommandLineTest, SubmitPrintsTheIdAloneAndUploadsEachDatasetOnce) {
  coordinator_.service.sweeps[0].add_warnings("step99: the folder is not there");
  ASSERT_EQ(Run("sweep submit " + WriteSweepFile()), kExitDone) << err_.str();
  EXPECT_EQ(out_.str(), "sw-1\n");
  EXPECT_THAT(err_.str(), HasSubstr("warning: step99: the folder is not there\n"));
  EXPECT_EQ(coordinator_.service.calls["PutBlob"], 1);
  ASSERT_EQ(coordinator_.service.created.size(), 1u);
  const v1::SweepSpec& spec = coordinator_.service.created[0].spec();
  EXPECT_EQ(spec.dimensions(1).dataset_digest(), Sha256Hex("statement,label\na,1\n"));
}

TEST_F(CommandLineTest, EachSubmissionHasARequestIdOfItsOwn) {
  const std::string file = WriteSweepFile();
  coordinator_.service.failures["CreateSweep"] = {grpc::Status(grpc::StatusCode::UNAVAILABLE, "starting")};
  EXPECT_EQ(Run("sweep submit " + file), kExitDone);
  EXPECT_EQ(Run("sweep submit " + file), kExitDone);
  const auto& created = coordinator_.service.created;
  ASSERT_EQ(created.size(), 3u);
  EXPECT_EQ(created[0].request_id(), created[1].request_id());
  EXPECT_NE(created[1].request_id(), created[2].request_id());
}

TEST_F(CommandLineTest, SubmitRefusesABadFileBeforeItAsksAnybody) {
  ASSERT_OK(WriteFileAtomically(folder_.File("s.yaml"), "nmae: demo\n"));
  EXPECT_EQ(Run("sweep submit " + folder_.File("s.yaml")), kExitRefusedInput);
  EXPECT_THAT(err_.str(), HasSubstr("s.yaml:1: nmae: unknown field; did you mean 'name'?\n"));
  EXPECT_TRUE(addresses_.empty());
  EXPECT_EQ(out_.str(), "");
}

TEST_F(CommandLineTest, WatchingAFailedSweepListsItsTasksAndExitsWith1) {
  PlanWatch(v1::SWEEP_STATE_FAILED, 1);
  EXPECT_EQ(Run("sweep submit --watch " + WriteSweepFile()), kExitFailedWork);
  EXPECT_EQ(out_.str(), "sw-1\n");
  EXPECT_THAT(err_.str(), HasSubstr("demo  0/1 done, 1 failed | failed\n"));
  EXPECT_THAT(err_.str(), HasSubstr("  step16 x: no such folder\n"));
  EXPECT_THAT(err_.str(), HasSubstr("1 of 1 tasks failed"));
}

TEST_F(CommandLineTest, WaitingIsSilentUntilTheEnd) {
  PlanWatch(v1::SWEEP_STATE_SUCCEEDED, 0);
  EXPECT_EQ(Run("sweep submit --wait " + WriteSweepFile()), kExitDone);
  EXPECT_THAT(err_.str(), ::testing::Not(HasSubstr("| succeeded")));
}

TEST_F(CommandLineTest, ACancelledSweepIsFailedWork) {
  PlanWatch(v1::SWEEP_STATE_CANCELLED, 0);
  EXPECT_EQ(Run("sweep watch demo"), kExitFailedWork);
  EXPECT_THAT(err_.str(), HasSubstr("was cancelled"));
}

TEST_F(CommandLineTest, ListsSweepsAsATableAndAsJson) {
  EXPECT_EQ(Run("sweep list"), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("sw-1  demo  demo-neox  succeeded   2/2       0  -\n"));
  EXPECT_EQ(Run("sweep list --json"), kExitDone);
  const auto json = nlohmann::json::parse(out_.str());
  ASSERT_EQ(json.size(), 1u);
  EXPECT_EQ(json[0]["spec"]["name"], "demo");
  coordinator_.service.sweeps.clear();
  EXPECT_EQ(Run("sweep list --json"), kExitDone);
  EXPECT_TRUE(nlohmann::json::parse(out_.str()).empty());
}

TEST_F(CommandLineTest, GetShowsASweepItsTasksAndItsFailures) {
  PlanWatch(v1::SWEEP_STATE_FAILED, 1);
  coordinator_.service.sweeps[0].mutable_tasks()->set_quarantined(1);
  EXPECT_EQ(Run("sweep get demo"), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("checkpoints  2, from step0 to step1000\n"));
  EXPECT_THAT(err_.str(), HasSubstr("step16 x: no such folder"));
  EXPECT_EQ(Run("sweep get demo --tasks"), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("step16      x          failed"));
  EXPECT_EQ(Run("sweep get sw-1 --json"), kExitDone);
  EXPECT_EQ(nlohmann::json::parse(out_.str())["id"], "sw-1");
}

TEST_F(CommandLineTest, AnUnknownSweepIsRefusedInputForEveryCommand) {
  for (const char* command :
       {"sweep get dmeo", "sweep watch dmeo", "sweep cancel dmeo", "sweep retry dmeo", "sweep delete dmeo",
        "results show dmeo", "results export dmeo", "results plot dmeo --output -", "artifacts list dmeo",
        "artifacts fetch dmeo"}) {
    EXPECT_EQ(Run(command), kExitRefusedInput) << command;
    EXPECT_THAT(err_.str(), HasSubstr("did you mean 'demo'?")) << command;
  }
}

TEST_F(CommandLineTest, AnUnreachableCoordinatorIsUnavailable) {
  coordinator_.service.failures["ListSweeps"] =
      std::deque<grpc::Status>(5, grpc::Status(grpc::StatusCode::UNAVAILABLE, "starting"));
  EXPECT_EQ(Run("sweep list"), kExitUnavailable);
  EXPECT_THAT(err_.str(), HasSubstr("probesweep: the coordinator at fake:1 cannot serve now: starting\n"));
}

TEST_F(CommandLineTest, CancelsRetriesAndDeletesByName) {
  EXPECT_EQ(Run("sweep cancel demo"), kExitDone);
  EXPECT_EQ(Run("sweep retry demo"), kExitDone);
  EXPECT_EQ(Run("sweep delete demo"), kExitDone);
  EXPECT_EQ(out_.str(), "sw-1\n");
  for (const char* call : {"CancelSweep", "RetrySweep", "DeleteSweep"}) {
    EXPECT_EQ(coordinator_.service.calls[call], 1) << call;
  }
}

TEST_F(CommandLineTest, ExportsToStandardOutputAndToAFileAlike) {
  EXPECT_EQ(Run("results export demo"), kExitDone);
  const std::string csv = out_.str();
  EXPECT_THAT(csv, ::testing::StartsWith(ResultHeader(ResultFormat::kCsv)));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 5);
  EXPECT_EQ(Run("results export demo --format csv --output " + folder_.File("out.csv")), kExitDone);
  EXPECT_EQ(out_.str(), "");
  EXPECT_EQ(Contents(folder_.File("out.csv")), csv);
  EXPECT_EQ(Run("results export demo --format jsonl"), kExitDone);
  EXPECT_EQ(nlohmann::json::parse(out_.str().substr(0, out_.str().find('\n')))["sweep"], "demo");
  EXPECT_EQ(Run("results export demo --format xml"), kExitRefusedInput);
}

TEST_F(CommandLineTest, ExportSaysThatResultsAreMissing) {
  coordinator_.service.sweeps[0].set_state(v1::SWEEP_STATE_RUNNING);
  coordinator_.service.sweeps[0].mutable_tasks()->set_ready(2);
  EXPECT_EQ(Run("results export demo"), kExitDone);
  EXPECT_THAT(err_.str(), HasSubstr("warning: sweep demo is running: 2/4 tasks have results"));
}

TEST_F(CommandLineTest, ShowsHeatmapAndBestLayers) {
  EXPECT_EQ(Run("results show demo"), kExitDone);
  EXPECT_THAT(out_.str(),
              HasSubstr("privacy (privacy-data; label 1: the statement is true), protocol released\n"));
  EXPECT_THAT(out_.str(), HasSubstr("██.77"));
  EXPECT_THAT(out_.str(), HasSubstr("above surface"));
  EXPECT_THAT(out_.str(), ::testing::Not(HasSubstr("\x1b")));
  EXPECT_EQ(Run("results show demo --metric acuracy"), kExitRefusedInput);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean 'accuracy'?"));
}

TEST_F(CommandLineTest, ShowingResultsTellsWhichCheckpointsHoldTheSameWeights) {
  for (v1::ResultRow& row : coordinator_.service.rows) row.set_checkpoint_digest(row.checkpoint());
  EXPECT_EQ(Run("results show demo"), kExitDone);
  EXPECT_THAT(err_.str(), ::testing::Not(HasSubstr("weights")));
  for (v1::ResultRow& row : coordinator_.service.rows) row.set_checkpoint_digest("same");
  EXPECT_EQ(Run("results show demo"), kExitDone);
  EXPECT_THAT(err_.str(), HasSubstr("note: step0 and step1000 hold the same weights\n"));
}

TEST_F(CommandLineTest, PlotsToAFile) {
  EXPECT_EQ(Run("results plot demo --output " + folder_.File("f.svg")), kExitDone);
  EXPECT_THAT(Contents(folder_.File("f.svg")), HasSubstr("</svg>"));
  EXPECT_EQ(Run("results plot demo --output " + folder_.File("none/f.svg")), kExitRefusedInput);
  EXPECT_THAT(err_.str(), HasSubstr("none/f.svg"));
}

TEST_F(CommandLineTest, ListsAndFetchesArtifactsByKind) {
  for (const char* kind : {"probes", "steering_vectors"}) {
    v1::Artifact& artifact = coordinator_.service.artifacts.emplace_back();
    artifact.set_kind(kind);
    artifact.set_checkpoint("../step0");
    artifact.set_dimension("privacy");
    artifact.set_digest(Sha256Hex(kind));
    artifact.set_size_bytes(2048);
    coordinator_.service.blobs[artifact.digest()] = kind;
  }
  EXPECT_EQ(Run("artifacts list demo"), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("2.0 KiB"));
  EXPECT_EQ(Run("artifacts fetch demo --kind probes --output " + folder_.File("a")), kExitDone);
  const std::string path = folder_.File("a/.._step0.privacy.probes.safetensors");
  EXPECT_EQ(out_.str(), path + "\n") << "a name from outside stays in the folder";
  EXPECT_EQ(Contents(path), "probes");
  EXPECT_EQ(Run("artifacts list demo --dimension toxicity"), kExitRefusedInput);
  EXPECT_THAT(err_.str(), HasSubstr("none of the 2 artifacts"));
}

TEST_F(CommandLineTest, ListsAndDrainsWorkers) {
  v1::Worker& worker = coordinator_.service.workers.emplace_back();
  worker.set_id("box-cpu-0");
  worker.set_device("cpu");
  worker.set_state(v1::WORKER_STATE_BUSY);
  worker.set_layers_done(2);
  worker.set_layers_total(6);
  EXPECT_EQ(Run("worker list"), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("box-cpu-0  cpu     busy"));
  EXPECT_THAT(out_.str(), HasSubstr("2/6"));
  EXPECT_EQ(Run("worker drain box-cpu-0"), kExitDone);
  EXPECT_EQ(Run("worker drain box-cpu-9"), kExitRefusedInput);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean 'box-cpu-0'?"));
}

TEST_F(CommandLineTest, TellsWhenStandardOutputCannotBeWritten) {
  World world{out_,
              err_,
              {},
              {},
              [](const std::string&) { return ""; },
              [this](const Settings&) -> absl::StatusOr<std::unique_ptr<Client>> {
                return coordinator_.NewClient();
              }};
  out_.setstate(std::ios::badbit);
  EXPECT_EQ(RunCommandLine({"sweep", "list"}, world), kExitFailedWork);
  EXPECT_THAT(err_.str(), HasSubstr("standard output"));
}

}  // namespace
}  // namespace probesweep::client
