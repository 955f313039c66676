// `results compare` and `results verify` as a user calls them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "client/render/result_writer.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/safetensors.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"
#include "tests/unit/client/fake_sweep_service.h"
#include "tests/unit/client/run_command.h"

namespace probesweep::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class ResultsCommandsTest : public ::testing::Test {
 protected:
  ResultsCommandsTest() {
    service_.sweeps = {SweepWithResults({"privacy"}, service_.rows)};
    v1::Sweep& sweep = service_.sweeps[0];
    for (v1::Checkpoint& checkpoint : *sweep.mutable_checkpoints()) {
      checkpoint.set_path("/models/" + checkpoint.name());
      v1::Task& task = service_.tasks.emplace_back();
      task.set_checkpoint(checkpoint.name());
      task.set_dimension("privacy");
      task.set_state(v1::TASK_STATE_DONE);
    }
    PlanVerification();
  }

  // What the coordinator makes of a verification of step1000: a sweep of its own, with the same numbers.
  void PlanVerification() {
    v1::Sweep& planned = service_.planned.emplace(MakeSweep("sw-2", "verify-demo"));
    planned.add_checkpoints()->set_name("1000");
    planned.mutable_checkpoints(0)->set_path("/models/step1000");
    for (v1::ResultRow row : service_.rows) {
      if (row.checkpoint() != "step1000") continue;
      row.set_checkpoint("1000");
      service_.rows_of["sw-2"].push_back(std::move(row));
    }
    v1::WatchSweepResponse ended;
    *ended.mutable_sweep() = MakeSweep("sw-2", "verify-demo", v1::SWEEP_STATE_SUCCEEDED);
    service_.watches = {{ended}};
    service_.tasks[0].set_state(v1::TASK_STATE_QUARANTINED);
  }

  ExitCode Run(const std::string& command) {
    return RunCommand(command, out_, err_, [this](const auto&) { return coordinator_.NewClient(); });
  }
  std::string Export(ResultFormat format, const std::string& name) {
    std::string text = ResultHeader(format);
    for (const v1::ResultRow& row : service_.rows) text += ResultLine(format, row);
    EXPECT_OK(WriteFileAtomically(folder_.File(name), text));
    return folder_.File(name);
  }

  FakeCoordinator coordinator_;
  FakeSweepService& service_ = coordinator_.service;
  testing::TempDir folder_;
  std::ostringstream out_, err_;
};

TEST_F(ResultsCommandsTest, ASweepEqualsItsExports) {
  const std::string csv = Export(ResultFormat::kCsv, "a.csv"),
                    jsonl = Export(ResultFormat::kJsonl, "a.jsonl");
  EXPECT_EQ(Run("results compare demo " + csv), kExitDone) << err_.str();
  EXPECT_EQ(out_.str(), "compared 4 rows and 16 values within 1e-06: all the same\n");
  EXPECT_EQ(Run("results compare --tolerance 0 " + csv + " " + jsonl), kExitDone) << err_.str();
}

TEST_F(ResultsCommandsTest, WhatDiffersIsShownAndExits1) {
  const std::string csv = Export(ResultFormat::kCsv, "a.csv");
  (*service_.rows[2].mutable_values())["accuracy"] += 0.01;
  EXPECT_EQ(Run("results compare demo " + csv), kExitFailedWork);
  EXPECT_THAT(out_.str(), HasSubstr("step1000    privacy        0  released  accuracy"));
  EXPECT_THAT(err_.str(), HasSubstr("the results are not the same: 1 value differs"));
  EXPECT_EQ(Run("results compare demo " + csv + " --tolerance 0.1"), kExitDone);
  EXPECT_EQ(Run("results compare demo " + csv + " --json"), kExitFailedWork);
  EXPECT_EQ(nlohmann::json::parse(out_.str())["differences"].size(), 1u);
}

TEST_F(ResultsCommandsTest, WhatCannotBeComparedIsRefused) {
  EXPECT_EQ(Run("results compare demo " + folder_.File("none.csv")), kExitRefusedInput);
  EXPECT_THAT(err_.str(), HasSubstr("none.csv"));
  EXPECT_EQ(Run("results compare demo dema"), kExitRefusedInput);
  EXPECT_THAT(err_.str(), HasSubstr("dema"));
  EXPECT_EQ(Run("results compare demo demo --tolerance -1"), kExitUsage);
}

// Two sweeps with the same rows and one steering vector of each checkpoint.
class ArtifactsCompareTest : public ResultsCommandsTest {
 protected:
  ArtifactsCompareTest() {
    v1::Sweep& other = service_.sweeps.emplace_back(service_.sweeps[0]);
    other.set_id("sw-9");
    other.mutable_spec()->set_name("other");
    for (const char* const checkpoint : {"step0", "step1000"}) {
      AddArtifact("sw-1", checkpoint, "steering_vectors", 0.5F, "cpu");
      AddArtifact("sw-9", checkpoint, "steering_vectors", 0.5F, "cuda:0");
    }
  }

  void AddArtifact(const std::string& sweep, const std::string& checkpoint, const std::string& kind,
                   float value, const std::string& device) {
    const std::string value_bytes(reinterpret_cast<const char*>(&value), sizeof value);
    const std::string bytes =
        SerializeSafetensors({{"released.layer_0", DType::kF32, {1}, value_bytes}}, {{"device", device}})
            .value();
    service_.blobs[Sha256Hex(bytes)] = bytes;
    v1::Artifact& artifact = service_.artifacts_of[sweep].emplace_back();
    artifact.set_checkpoint(checkpoint);
    artifact.set_dimension("privacy");
    artifact.set_kind(kind);
    artifact.set_digest(Sha256Hex(bytes));
  }
};

TEST_F(ArtifactsCompareTest, TheSameTensorsInOtherFilesAreTheSame) {
  EXPECT_EQ(Run("results compare demo other --artifacts --tolerance 0"), kExitDone) << err_.str();
  EXPECT_EQ(out_.str(), "compared 4 rows and 16 values and 2 artifacts within 0: all the same\n");
}

TEST_F(ArtifactsCompareTest, WhatDiffersIsNamedAndExits1) {
  service_.artifacts_of["sw-9"].pop_back();
  AddArtifact("sw-9", "step1000", "steering_vectors", 0.75F, "cpu");
  AddArtifact("sw-9", "step0", "probes", 1, "cpu");
  AddArtifact("sw-9", "step7", "probes", 1, "cpu");  // of a cell that the other sweep does not have
  EXPECT_EQ(Run("results compare demo other"), kExitDone) << "artifacts are compared on request only";
  EXPECT_EQ(Run("results compare demo other --artifacts"), kExitFailedWork);
  EXPECT_THAT(out_.str(), HasSubstr("step1000    privacy    steering_vectors  released.layer_0  1 of 1"));
  EXPECT_THAT(out_.str(), HasSubstr("step0       privacy    probes"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("step7")));
  EXPECT_THAT(err_.str(), HasSubstr("the results are not the same: 2 tensors of artifacts differ"));
  EXPECT_EQ(Run("results compare demo other --artifacts --json"), kExitFailedWork);
  const nlohmann::json artifacts = nlohmann::json::parse(out_.str())["artifacts"];
  EXPECT_EQ(artifacts["compared"], 2);
  EXPECT_EQ(artifacts["differences"].size(), 2u);
  EXPECT_EQ(artifacts["differences"][1]["b"], "0.75");
}

TEST_F(ArtifactsCompareTest, AFileHasNone) {
  const std::string csv = Export(ResultFormat::kCsv, "a.csv");
  EXPECT_EQ(Run("results compare demo " + csv + " --artifacts"), kExitRefusedInput);
  EXPECT_THAT(err_.str(), HasSubstr("a.csv is an exported file, which holds no artifacts"));
}

TEST_F(ResultsCommandsTest, VerifyComputesAnewComparesAndRemovesItsSweep) {
  EXPECT_EQ(Run("results verify demo --cells 5"), kExitDone) << err_.str();
  EXPECT_EQ(out_.str(), "compared 2 rows and 8 values within 1e-06: all the same\n");
  ASSERT_EQ(service_.created.size(), 1u);
  const v1::SweepSpec& spec = service_.created[0].spec();
  EXPECT_EQ(spec.checkpoints_size(), 1) << "the other one has no result";
  EXPECT_EQ(spec.checkpoints(0).pattern(), "/models/step1000");
  EXPECT_NE(spec.recompute(), "");
  EXPECT_THAT(service_.deleted, ElementsAre("sw-2"));
}

TEST_F(ResultsCommandsTest, EveryVerificationAsksForComputingAnewByAnotherText) {
  const auto watches = service_.watches;
  EXPECT_EQ(Run("results verify demo"), kExitDone);
  service_.watches = watches;
  EXPECT_EQ(Run("results verify demo"), kExitDone);
  ASSERT_EQ(service_.created.size(), 2u);
  EXPECT_NE(service_.created[0].spec().recompute(), service_.created[1].spec().recompute());
  EXPECT_NE(service_.created[0].request_id(), service_.created[1].request_id());
}

TEST_F(ResultsCommandsTest, VerifyTellsWhatDiffersAndWhichProvenance) {
  v1::ResultRow& row = service_.rows_of["sw-2"][1];
  (*row.mutable_values())["accuracy"] += 0.01;
  row.set_checkpoint_digest("changed");
  row.mutable_provenance()->set_configuration("keep_probes=0");
  for (v1::ResultRow& stored : service_.rows) {
    stored.set_checkpoint_digest("stored");
    stored.mutable_provenance()->set_configuration("keep_probes=1");
  }
  EXPECT_EQ(Run("results verify demo"), kExitFailedWork);
  EXPECT_THAT(out_.str(), HasSubstr("step1000    privacy        1  released  accuracy"));
  EXPECT_THAT(err_.str(), HasSubstr("note: checkpoint_digest differs in 1 row"));
  EXPECT_THAT(err_.str(), Not(HasSubstr("configuration")));
  EXPECT_THAT(service_.deleted, ElementsAre("sw-2"));
}

TEST_F(ResultsCommandsTest, AVerificationThatFailsIsRemovedToo) {
  v1::WatchSweepResponse ended;
  *ended.mutable_sweep() = MakeSweep("sw-2", "verify-demo", v1::SWEEP_STATE_FAILED);
  service_.watches = {{ended}};
  EXPECT_EQ(Run("results verify demo"), kExitFailedWork);
  EXPECT_THAT(service_.deleted, ElementsAre("sw-2"));
}

TEST_F(ResultsCommandsTest, AVerificationThatStillRunsIsCancelledFirst) {
  service_.watches.clear();  // the watch fails
  service_.sweeps.push_back(*service_.planned);
  service_.failures["DeleteSweep"] = {{grpc::StatusCode::FAILED_PRECONDITION, "still running"}};
  EXPECT_NE(Run("results verify demo"), kExitDone);
  EXPECT_EQ(service_.calls["CancelSweep"], 1);
  EXPECT_THAT(service_.deleted, ElementsAre("sw-2", "sw-2"));
}

TEST_F(ResultsCommandsTest, ASweepWithoutResultsCannotBeVerified) {
  for (v1::Task& task : service_.tasks) task.set_state(v1::TASK_STATE_READY);
  EXPECT_EQ(Run("results verify demo"), kExitRefusedInput);
  EXPECT_THAT(err_.str(), HasSubstr("has no finished task to verify"));
}

}  // namespace
}  // namespace probesweep::client
