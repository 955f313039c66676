// `results transfer`, `results cosines` and `results separability` over a fake coordinator.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"
#include "tests/unit/client/analysis/artifact_text.h"
#include "tests/unit/client/fake_sweep_service.h"
#include "tests/unit/client/run_command.h"

namespace probesweep::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class CrossCommandsTest : public ::testing::Test {
 protected:
  CrossCommandsTest() { service().sweeps = {SweepWithResults({"privacy"}, service().rows)}; }

  FakeSweepService& service() { return coordinator_.service; }

  ExitCode Run(const std::string& command) {
    return RunCommand(command, out_, err_, [this](const auto&) { return coordinator_.NewClient(); });
  }

  int64_t Lines() const {
    const std::string text = out_.str();
    return std::count(text.begin(), text.end(), '\n');
  }

  void AddArtifact(const std::string& checkpoint, const std::string& kind, const ArtifactText& text) {
    const std::string bytes = text.Bytes();
    v1::Artifact& artifact = service().artifacts.emplace_back();
    artifact.set_digest(Sha256Hex(bytes));
    artifact.set_kind(kind);
    artifact.set_checkpoint(checkpoint);
    artifact.set_dimension("privacy");
    artifact.set_size_bytes(static_cast<int64_t>(bytes.size()));
    service().blobs[artifact.digest()] = bytes;
  }
  // Four statements of two features, the last two of which test.
  void AddRepresentations(const std::string& checkpoint, int layer, const std::vector<float>& last_two,
                          const std::vector<int64_t>& test_rows = {2, 3}) {
    std::vector<float> values = {9, 9, 9, 9};
    values.insert(values.end(), last_two.begin(), last_two.end());
    AddArtifact(checkpoint, absl::StrCat("representations.layer_", layer),
                ArtifactText()
                    .Floats(absl::StrCat("layer_", layer), values, {4, 2})
                    .Integers("labels", {0, 1, 0, 1})
                    .Integers("groups", {0, 1, 2, 3})
                    .Integers("released.test_rows", test_rows)
                    .Metadata("checkpoint", checkpoint));
  }
  // Step 0 tells the labels apart by the first feature, step 1000 by the second; there, the first is turned.
  void AddTransferArtifacts() {
    AddArtifact("step0", "probes",
                ArtifactText().Probe("released", 0, {1, 0}, 0).Probe("released", 1, {1, 0}, 0));
    AddArtifact("step1000", "probes",
                ArtifactText().Probe("released", 0, {0, 1}, 0).Probe("released", 1, {0, 1}, 0));
    for (const int layer : {0, 1}) {
      AddRepresentations("step0", layer, {-1, 2, 1, 2});
      AddRepresentations("step1000", layer, {1, -1, -1, 1});
    }
  }
  void AddVectors(const std::string& checkpoint, const std::vector<std::vector<float>>& layers) {
    ArtifactText text;
    text.Metadata("checkpoint", checkpoint);
    for (size_t layer = 0; layer < layers.size(); ++layer) {
      if (!layers[layer].empty()) text.Floats(absl::StrCat("released.layer_", layer), layers[layer]);
    }
    AddArtifact(checkpoint, "steering_vectors", text);
  }

  FakeCoordinator coordinator_;
  testing::TempDir folder_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(CrossCommandsTest, TransferTestsEachCheckpointsProbeOnEachOthersRows) {
  AddTransferArtifacts();
  ASSERT_EQ(Run("results transfer demo --dimension privacy --layer 1 --format csv"), kExitDone) << err_.str();
  const std::string start = "demo,demo-neox,privacy,privacy-data,released,1,";
  EXPECT_EQ(out_.str(),
            "sweep,model,dimension,dataset,protocol,layer,fitted_checkpoint,fitted_step,fitted_tokens,"
            "tested_checkpoint,tested_step,tested_tokens,standardize,n_test,n_test_groups,accuracy,"
            "accuracy_low,accuracy_high,auroc\n" +
                start + "step0,0,,step0,0,,fitted,2,2,1,0.342380227506653,1,1\n" + start +
                "step0,0,,step1000,1000,,fitted,2,2,0,0,0.657619772493347,0\n" + start +
                "step1000,1000,,step0,0,,fitted,2,2,0.5,0.09453120573423063,0.9054687942657693,0.5\n" +
                start + "step1000,1000,,step1000,1000,,fitted,2,2,1,0.342380227506653,1,1\n");
  EXPECT_EQ(Run("results transfer demo --dimension privacy --all-layers --format jsonl"), kExitDone);
  EXPECT_EQ(Lines(), 8);
  EXPECT_THAT(out_.str(),
              HasSubstr("\"layer\":0,\"fitted_checkpoint\":\"step0\",\"fitted_step\":0,\"tested"));
}

TEST_F(CrossCommandsTest, TransferShowsTheBestLayerOfTheLastCheckpointAsAHeatmap) {
  AddTransferArtifacts();
  ASSERT_EQ(Run("results transfer demo --dimension privacy"), kExitDone) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("privacy (privacy-data), protocol released: a checkpoint's probe on "));
  EXPECT_THAT(out_.str(), HasSubstr("\nlayer 1\n"));
  EXPECT_THAT(out_.str(), HasSubstr("fitted at 0 ██1.00    .00\n"));
  EXPECT_THAT(out_.str(), HasSubstr("tested at training step →\n2 test rows in 2 groups;"));
  EXPECT_THAT(out_.str(), HasSubstr("; surface 0.600; majority 0.500\n"));
  // To a file alike.
  const std::string table = out_.str();
  EXPECT_EQ(Run("results transfer demo --dimension privacy --output " + folder_.File("t.txt")), kExitDone);
  EXPECT_EQ(ReadFile(folder_.File("t.txt")).value(), table);
}

TEST_F(CrossCommandsTest, TransferNeedsWhatWasNotKept) {
  EXPECT_EQ(Run("results transfer demo --dimension privacy"), kExitRefusedInput);
  EXPECT_THAT(err_.str(), HasSubstr("submit it again with analysis.keep_probes: true"));
  AddArtifact("step0", "probes", ArtifactText().Probe("released", 1, {1, 0}, 0));
  EXPECT_EQ(Run("results transfer demo --dimension privacy"), kExitRefusedInput);
  EXPECT_THAT(err_.str(), HasSubstr("submit it again with analysis.keep_representations: true"));
  // What one checkpoint lacks is left out.
  AddRepresentations("step0", 1, {-1, 2, 1, 2});
  EXPECT_EQ(Run("results transfer demo --dimension privacy"), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("fitted at 0 ██1.00     --\n"));
}

TEST_F(CrossCommandsTest, TransferRefusesWhatDoesNotFit) {
  AddTransferArtifacts();
  const struct {
    const char* command;
    ExitCode exit;
    const char* message;
  } cases[] = {{"--dimension privacy --layer 2", kExitRefusedInput, "no layer 2: there are layers 0 to 1"},
               {"--dimension privcy", kExitRefusedInput, "did you mean 'privacy'?"},
               {"--dimension privacy --protocol relased", kExitRefusedInput, "did you mean 'released'?"},
               {"--dimension privacy --layer 1 --all-layers", kExitUsage, "--layer"},
               {"--dimension privacy --format xml", kExitUsage, "--format"},
               {"", kExitUsage, "--dimension is required"}};
  for (const auto& c : cases) {
    EXPECT_EQ(Run(absl::StrCat("results transfer demo ", c.command)), c.exit) << c.command;
    EXPECT_THAT(err_.str(), HasSubstr(c.message)) << c.command;
  }
}

TEST_F(CrossCommandsTest, TransferRefusesDamagedFilesAndOtherTestRows) {
  AddTransferArtifacts();
  AddRepresentations("step1000", 1, {1, -1, -1, 1}, {3, 2});
  EXPECT_EQ(Run("results transfer demo --dimension privacy"), kExitRefusedInput);
  EXPECT_THAT(err_.str(), HasSubstr("the representations of step1000 have other test rows"));
  service().blobs[service().artifacts[0].digest()] += "x";
  EXPECT_EQ(Run("results transfer demo --dimension privacy"), kExitRefusedInput);
  EXPECT_THAT(err_.str(), HasSubstr("artifact probes of step0: artifact "));
}

TEST_F(CrossCommandsTest, CosinesBetweenCheckpointsOfOneLayer) {
  AddVectors("step0", {{1, 0}, {1, 0}});
  AddVectors("step1000", {{1, 0}, {3, 4}});
  ASSERT_EQ(Run("results cosines demo --dimension privacy --between checkpoints --format csv"), kExitDone)
      << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("protocol,hidden,layer_a,checkpoint_a,step_a,tokens_a,layer_b,"));
  EXPECT_THAT(out_.str(), HasSubstr("released,2,1,step0,0,,1,step1000,1000,,0.6\n"));
  EXPECT_THAT(out_.str(), HasSubstr("released,2,1,step0,0,,1,step0,0,,1\n"));
  EXPECT_EQ(Run("results cosines demo --dimension privacy --between checkpoints"), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("cosines of steering vectors between checkpoints\n"));
  EXPECT_THAT(out_.str(), HasSubstr("\nlayer 1\n"));
  EXPECT_THAT(out_.str(), HasSubstr("random directions of 2 dimensions are within ±1.386 (95 %)"));
}

TEST_F(CrossCommandsTest, CosinesBetweenLayersOfOneCheckpoint) {
  AddVectors("step0", {{1, 0}, {}});
  AddVectors("step1000", {{1, 0}, {3, 4}});
  ASSERT_EQ(Run("results cosines demo --dimension privacy --between layers --format csv"), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("released,2,0,step1000,1000,,1,step1000,1000,,0.6\n"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("step0")));
  // A layer that has no vector has no cosine.
  ASSERT_EQ(Run("results cosines demo --dimension privacy --between layers --checkpoint step0"), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("\ncheckpoint step0\n"));
  EXPECT_THAT(out_.str(), HasSubstr("       1     --     --\n"));
  ASSERT_EQ(Run("results cosines demo --dimension privacy --between layers --all-checkpoints --format jsonl"),
            kExitDone);
  EXPECT_EQ(Lines(), 5);
}

TEST_F(CrossCommandsTest, CosinesRefuseWhatDoesNotFit) {
  EXPECT_EQ(Run("results cosines demo --dimension privacy --between layers"), kExitRefusedInput);
  EXPECT_THAT(err_.str(), HasSubstr("analysis.keep_steering_vectors: true"));
  const struct {
    const char* flags;
    ExitCode exit;
    const char* message;
  } cases[] = {{"--between layers --layer 1", kExitRefusedInput, "--layer and --all-layers go with"},
               {"--between checkpoints --checkpoint step0", kExitRefusedInput, "go with --between layers"},
               {"--between layers --checkpoint step1", kExitRefusedInput, "no checkpoint 'step1'"},
               {"--between heads", kExitUsage, "--between"},
               {"", kExitUsage, "--between is required"}};
  for (const auto& c : cases) {
    EXPECT_EQ(Run(absl::StrCat("results cosines demo --dimension privacy ", c.flags)), c.exit) << c.flags;
    EXPECT_THAT(err_.str(), HasSubstr(c.message)) << c.flags;
  }
}

TEST_F(CrossCommandsTest, SeparabilityTakesTheRowsOwnIntervals) {
  // Layer 1 of the last checkpoint has accuracy 0.77 over a surface of 0.6.
  for (v1::ResultRow& row : service().rows) {
    auto& values = *row.mutable_values();
    values["accuracy_low"] = values["accuracy"] - 0.05;
    values["accuracy_high"] = values["accuracy"] + 0.05;
    values["above_surface_low"] = values["accuracy"] - 0.6 - 0.08;
    values["above_surface_high"] = values["accuracy"] - 0.6 + 0.08;
  }
  ASSERT_EQ(Run("results separability demo --format csv"), kExitDone) << err_.str();
  EXPECT_EQ(err_.str(), "");
  EXPECT_THAT(out_.str(), HasSubstr("demo,demo-neox,privacy,privacy-data,released,step0,0,,step1000,1000,,"
                                    "step1000,1000,,1,0.16999999999999993,0.0785"));
  EXPECT_THAT(out_.str(), HasSubstr(",?+\n"));
  ASSERT_EQ(Run("results separability demo"), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("privacy    step0       step1000    step1000      1           +0.170  "
                                    "+0.079 to +0.261  ?+\n"));
}

TEST_F(CrossCommandsTest, SeparabilitySaysWhatItsIntervalsRestOn) {
  EXPECT_EQ(Run("results separability demo"), kExitDone);
  EXPECT_THAT(err_.str(), HasSubstr("note: results of protocol released have no intervals"));
  EXPECT_THAT(out_.str(), HasSubstr("not shown"));
  EXPECT_EQ(Run("results separability demo --layer 7"), kExitRefusedInput);
  EXPECT_THAT(err_.str(), HasSubstr("no layer 7: there are layers 0 to 1"));
}

TEST_F(CrossCommandsTest, SeparabilityPrefersTheProtocolThatHasIntervals) {
  service().sweeps[0].mutable_spec()->mutable_analysis()->add_protocols("calibrated");
  EXPECT_EQ(Run("results separability demo"), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("protocol calibrated\n"));
  EXPECT_THAT(out_.str(), HasSubstr("no results yet"));
}

TEST_F(CrossCommandsTest, NothingIsFoundBeforeThereAreResults) {
  service().rows.clear();
  EXPECT_EQ(Run("results transfer demo --dimension privacy"), kExitRefusedInput);
  EXPECT_THAT(err_.str(), HasSubstr("has no results of privacy yet"));
}

TEST_F(CrossCommandsTest, SubmittingSaysHowMuchWillBeKept) {
  ASSERT_OK(WriteFileAtomically(folder_.File("d.csv"), "statement,label\na,1\n\"b\nc\",0\nd,1\n"));
  ASSERT_OK(WriteFileAtomically(folder_.File("s.yaml"),
                                "name: demo\nmodel: m\ncheckpoints: [a]\ndimensions:\n"
                                "  - {name: x, dataset: d.csv}\n  - {name: y, dataset: d.csv}\n"
                                "analysis: {keep_representations: true}\n"));
  ASSERT_EQ(Run("sweep submit " + folder_.File("s.yaml")), kExitDone) << err_.str();
  EXPECT_THAT(err_.str(), HasSubstr("will take 4 bytes × 2 checkpoints × 6 statements × layers × features "
                                    "(config.json of step0 cannot be read from here"));
  service().sweeps[0].mutable_checkpoints(0)->set_path(folder_.path());
  const struct {
    const char* config;
    const char* message;
  } cases[] = {{R"({"hidden_size": 512, "num_hidden_layers": 3})",
                "will take 72.0 KiB: 4 bytes × 2 checkpoints × 6 statements × 3 layers × 512 features\n"},
               {R"({"n_embd": 768, "n_layer": 12})", "× 12 layers × 768 features\n"},
               {R"({"d_model": 2048, "n_layers": 16})", "× 16 layers × 2048 features\n"},
               {R"({"hidden_size": "wide", "num_hidden_layers": 3})", "layers × features (config.json"},
               {"[", "layers × features (config.json"}};
  for (const auto& c : cases) {
    ASSERT_OK(WriteFileAtomically(folder_.File("config.json"), c.config));
    ASSERT_EQ(Run("sweep submit " + folder_.File("s.yaml")), kExitDone) << err_.str();
    EXPECT_THAT(err_.str(), HasSubstr(c.message)) << c.config;
  }
}

}  // namespace
}  // namespace probesweep::client
