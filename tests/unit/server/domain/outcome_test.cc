#include "server/domain/outcome.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "common/digest.h"
#include "tests/support/sample_sweeps.h"
#include "tests/support/status_matchers.h"

namespace probesweep::server {
namespace {

Outcome Valid() {
  Outcome outcome;
  outcome.checkpoint_digest = Sha256Hex("weights");
  outcome.provenance = testing::SampleProvenance();
  outcome.rows.push_back({0, "released", {{"accuracy", 0.5}}});
  outcome.rows.push_back({1, "released", {{"accuracy", -0.0}, {"n_test", 40}}});
  outcome.artifacts.push_back({"probes", Sha256Hex("bytes"), 5});
  return outcome;
}

TEST(Outcome, AcceptsFiniteRowsEachOnce) { EXPECT_OK(Validate(Valid())); }

TEST(Outcome, NeedsNoArtifacts) {
  Outcome outcome = Valid();
  outcome.artifacts.clear();
  EXPECT_OK(Validate(outcome));
}

TEST(Outcome, RefusesWhatCannotBeARow) {
  const struct {
    const char* wrong;
    std::function<void(Outcome&)> spoil;
    const char* message;
  } cases[] = {
      {"no rows", [](Outcome& o) { o.rows.clear(); }, "no result rows"},
      {"negative layer", [](Outcome& o) { o.rows[0].layer = -1; }, "layer -1"},
      {"no protocol", [](Outcome& o) { o.rows[0].protocol.clear(); }, "not a row's name"},
      {"a row twice", [](Outcome& o) { o.rows[1].layer = 0; }, "there twice"},
      {"unknown value", [](Outcome& o) { o.rows[0].values["acuracy"] = 1; }, "'acuracy'"},
      {"unknown value of a later row",
       [](Outcome& o) {
         o.rows.push_back({9, "released", {{"acuracy", 1}}});
       },
       "layer 9, protocol 'released': 'acuracy'"},
      {"NaN", [](Outcome& o) { o.rows[0].values["accuracy"] = std::nan(""); }, "accuracy is not finite"},
      {"Inf", [](Outcome& o) { o.rows[1].values["auroc"] = std::numeric_limits<double>::infinity(); },
       "layer 1, protocol 'released': auroc is not finite"},
      {"no digest", [](Outcome& o) { o.checkpoint_digest.clear(); }, "`checkpoint_digest`: ''"},
      {"a short digest", [](Outcome& o) { o.checkpoint_digest.pop_back(); }, "64 lower-case hex digits"},
      {"a digest in capitals", [](Outcome& o) { o.checkpoint_digest = std::string(64, 'A'); }, "AAAA"},
      {"no tokenizer digest", [](Outcome& o) { o.provenance.tokenizer_digest = ""; },
       "`provenance.tokenizer_digest`: ''"},
      {"no dataset digest", [](Outcome& o) { o.provenance.dataset_digest = "x"; },
       "`provenance.dataset_digest`: 'x'"},
      {"no configuration", [](Outcome& o) { o.provenance.configuration = ""; },
       "`provenance.configuration` is empty"},
      {"a long configuration", [](Outcome& o) { o.provenance.configuration.resize(4097); },
       "longer than 4096 bytes"},
      {"no engine version", [](Outcome& o) { o.provenance.engine_version = ""; }, "engine_version"},
      {"no device", [](Outcome& o) { o.provenance.device = ""; }, "`provenance.device`"},
      {"no dtype", [](Outcome& o) { o.provenance.dtype = ""; }, "`provenance.dtype`"},
      {"artifact without kind", [](Outcome& o) { o.artifacts[0].kind.clear(); }, "artifact"},
      {"a layer that no model has", [](Outcome& o) { o.rows[0].layer = 10'000; }, "layer 10000"},
      {"a device of two lines", [](Outcome& o) { o.provenance.device = "cpu\nforged"; },
       "`provenance.device`"},
      {"a kind that is a path", [](Outcome& o) { o.artifacts[0].kind = "../../.bashrc"; }, "artifact"},
      {"a negative size", [](Outcome& o) { o.artifacts[0].size_bytes = -1; }, "artifact"},
      {"a kind twice", [](Outcome& o) { o.artifacts.push_back(o.artifacts[0]); }, "of the kind 'probes'"},
      {"artifacts without end", [](Outcome& o) { o.artifacts.resize(20'001); }, "more than 20000"},
      {"artifact without digest", [](Outcome& o) { o.artifacts[0].digest = "abc"; }, "artifact"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.wrong);
    Outcome outcome = Valid();
    c.spoil(outcome);
    EXPECT_STATUS(Validate(outcome), kInvalidArgument, c.message);
  }
}

TEST(Outcome, IsComputedFromTheDatasetAndTheConfigurationOfItsTask) {
  AnalysisConfig analysis;
  Provenance provenance = testing::SampleProvenance();
  provenance.configuration = analysis.Canonical();
  EXPECT_OK(CheckComputedFrom(provenance, Sha256Hex("dataset"), analysis));
  EXPECT_STATUS(CheckComputedFrom(provenance, Sha256Hex("other"), analysis), kInvalidArgument,
                "`provenance.dataset_digest` says '" + Sha256Hex("dataset"), "with '" + Sha256Hex("other"));
}

TEST(Outcome, NamesTheFirstSettingThatIsNotTheTasks) {
  AnalysisConfig analysis;
  const std::string canonical = analysis.Canonical();
  Provenance provenance = testing::SampleProvenance();
  provenance.configuration = canonical;
  analysis.seed = 7;
  EXPECT_STATUS(CheckComputedFrom(provenance, provenance.dataset_digest, analysis), kInvalidArgument,
                "`provenance.configuration` says 'seed=0', the task was granted with 'seed=7'");
  provenance.configuration = analysis.Canonical() + ";newer=1";
  EXPECT_STATUS(CheckComputedFrom(provenance, provenance.dataset_digest, analysis), kInvalidArgument,
                "says 'newer=1', the task was granted with ''");
  provenance.configuration = canonical.substr(0, canonical.find(';'));
  EXPECT_STATUS(CheckComputedFrom(provenance, provenance.dataset_digest, analysis), kInvalidArgument,
                "says '', the task was granted with 'probe_c=1'");
}

TEST(RowsDigestTest, IsOfEveryBitOfTheRowsAndNothingElse) {
  const Outcome outcome = Valid();
  const std::string digest = RowsDigest(outcome);
  Outcome same = outcome;
  std::reverse(same.rows.begin(), same.rows.end());
  same.checkpoint_digest.clear();
  same.provenance.device = "cuda:0";
  EXPECT_EQ(RowsDigest(same), digest);
  const std::function<void(Outcome&)> changes[] = {
      [](Outcome& o) { o.rows[0].layer = 7; },
      [](Outcome& o) { o.rows[0].protocol += "2"; },
      [](Outcome& o) { o.rows.pop_back(); },
      [](Outcome& o) { o.rows[0].values["auroc"] = 0.5; },
      [](Outcome& o) {
        double& value = o.rows[0].values.begin()->second;
        value = std::nextafter(value, 2);
      },
  };
  for (const auto& change : changes) {
    Outcome other = outcome;
    change(other);
    EXPECT_NE(RowsDigest(other), digest);
  }
}

TEST(Outcome, TheSameLayerUnderTwoProtocolsIsTwoRows) {
  Outcome outcome = Valid();
  outcome.rows.push_back({0, "calibrated", {}});
  EXPECT_OK(Validate(outcome));
}

}  // namespace
}  // namespace probesweep::server
