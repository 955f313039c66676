#include "server/rpc/convert_results.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>

namespace probesweep::server {
namespace {

template <typename Message>
void ExpectEqual(const Message& actual, const std::string& text) {
  Message expected;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &expected)) << text;
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(actual, expected)) << actual.DebugString();
}

Sweep MakeSweep() {
  Sweep sweep;
  sweep.id = "sw-1";
  sweep.spec.name = "demo";
  sweep.spec.model = "pythia";
  sweep.spec.analysis.protocols = {"released", "calibrated"};
  sweep.spec.dimensions.resize(1);
  sweep.spec.dimensions[0].name = "privacy";
  sweep.spec.dimensions[0].dataset = "confaide";
  sweep.checkpoints = {{"step16", "/m/step16", 16, std::nullopt, "id"}};
  return sweep;
}

TEST(ConvertResultsTest, RowsAreSortedByLayerThenProtocolAsConfigured) {
  const Sweep sweep = MakeSweep();
  Outcome outcome;
  outcome.rows = {
      {1, "released", {}}, {0, "calibrated", {}}, {1, "calibrated", {}}, {0, "released", {{"auroc", 0.5}}}};
  outcome.checkpoint_digest = "c7";
  outcome.provenance = {"t", "ds", "probe_c=1", "2", "cuda:1", "bf16"};
  const std::vector<v1::ResultRow> rows = ToRows(sweep, {0, 0, "key"}, outcome);
  ASSERT_EQ(rows.size(), 4);
  ExpectEqual(rows[0], R"pb(
    sweep_id: "sw-1"
    sweep: "demo"
    model: "pythia"
    checkpoint: "step16"
    step: 16
    dimension: "privacy"
    dataset: "confaide"
    layer: 0
    protocol: "released"
    values { key: "auroc" value: 0.5 }
    checkpoint_digest: "c7"
    provenance {
      tokenizer_digest: "t"
      dataset_digest: "ds"
      configuration: "probe_c=1"
      engine_version: "2"
      device: "cuda:1"
      dtype: "bf16"
    }
  )pb");
  std::vector<std::string> order;
  for (const v1::ResultRow& row : rows) order.push_back(std::to_string(row.layer()) + row.protocol());
  EXPECT_THAT(order, ::testing::ElementsAre("0released", "0calibrated", "1released", "1calibrated"));
}

TEST(ConvertResultsTest, ArtifactsSayWhereTheyComeFrom) {
  Outcome outcome;
  outcome.artifacts = {{"probes", "d9", 12}};
  v1::ListArtifactsResponse out;
  AddArtifacts(MakeSweep(), {0, 0, "key"}, outcome, out);
  ExpectEqual(out, R"pb(
    artifacts {
      digest: "d9"
      kind: "probes"
      sweep_id: "sw-1"
      checkpoint: "step16"
      dimension: "privacy"
      size_bytes: 12
    }
  )pb");
}

}  // namespace
}  // namespace probesweep::server
