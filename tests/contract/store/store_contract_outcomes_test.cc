// Outcomes: how they are kept under their reuse keys.
#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "tests/contract/store/store_contract.h"
#include "tests/support/status_matchers.h"

namespace probesweep::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class StoreOutcomesContract : public StoreContract {};

TEST_P(StoreOutcomesContract, AnOutcomeReadsBackExactlyAndInOrder) {
  Outcome outcome;
  outcome.rows = {{5, "released", {{"accuracy", 0.1}, {"coef_norm", 1e-310}, {"intercept", -0.0}}},
                  {0, "released", {{"mi_tx", 1.0 / 3}, {"n_test", 40}}},
                  {0, "calibrated", {}}};
  outcome.artifacts = {{"steering_vectors", Sha256Hex("b"), int64_t{1} << 33}, {"probes", Sha256Hex("a"), 0}};
  outcome.checkpoint_digest = Sha256Hex("c");
  outcome.provenance = {"tokenizer", "dataset", "probe_c=1", "2", "cuda:1", "bf16"};
  ChangeSet changes;
  changes.outcomes = {{"key", outcome}};
  ASSERT_OK(store_->Commit(changes));
  Reopen();
  ASSERT_OK_AND_ASSIGN(const Outcome read, store_->ReadOutcome("key"));
  ASSERT_EQ(read.rows.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(read.rows[i].layer, outcome.rows[i].layer);
    EXPECT_EQ(read.rows[i].protocol, outcome.rows[i].protocol);
    EXPECT_EQ(read.rows[i].values, outcome.rows[i].values);
  }
  EXPECT_TRUE(std::signbit(read.rows[0].values.at("intercept")));
  ASSERT_EQ(read.artifacts.size(), 2u);
  EXPECT_EQ(read.artifacts[0].kind, "steering_vectors");
  EXPECT_EQ(read.artifacts[0].digest, Sha256Hex("b"));
  EXPECT_EQ(read.artifacts[0].size_bytes, int64_t{1} << 33);
  EXPECT_EQ(read.artifacts[1].kind, "probes");
  EXPECT_EQ(read.checkpoint_digest, Sha256Hex("c"));
  EXPECT_EQ(read.provenance.tokenizer_digest, "tokenizer");
  EXPECT_EQ(read.provenance.dataset_digest, "dataset");
  EXPECT_EQ(read.provenance.configuration, "probe_c=1");
  EXPECT_EQ(read.provenance.engine_version, "2");
  EXPECT_EQ(read.provenance.device, "cuda:1");
  EXPECT_EQ(read.provenance.dtype, "bf16");
}

TEST_P(StoreOutcomesContract, OutcomesOfManyRowsReadBackInOrderEachUnderItsKey) {
  ChangeSet changes;
  for (const int rows : {31, 70, 32, 1}) {
    Outcome outcome = testing::SampleOutcome();
    outcome.rows.clear();
    for (int i = 0; i < rows; ++i) outcome.rows.push_back({1000 - i, "released", {{"accuracy", i / 7.0}}});
    changes.outcomes.emplace_back(absl::StrCat(rows, " rows"), outcome);
  }
  ASSERT_OK(store_->Commit(changes));
  for (const auto& [key, outcome] : changes.outcomes) {
    ASSERT_OK_AND_ASSIGN(const Outcome read, store_->ReadOutcome(key));
    ASSERT_EQ(read.rows.size(), outcome.rows.size()) << key;
    for (size_t i = 0; i < read.rows.size(); ++i) {
      EXPECT_EQ(read.rows[i].layer, outcome.rows[i].layer) << key;
      EXPECT_EQ(read.rows[i].values, outcome.rows[i].values) << key;
    }
  }
}

TEST_P(StoreOutcomesContract, ADoneTaskHasItsOutcomesDigestAndNoOtherTaskHasOne) {
  ChangeSet changes;
  changes.sweeps = {MakeSweep("s", 1)};
  changes.tasks = {MakeTask("s", 0, 0, "key"), MakeTask("s", 0, 1, "key"), MakeTask("s", 0, 2, "other")};
  changes.tasks[0].state = changes.tasks[2].state = TaskState::kDone;
  changes.outcomes = {{"key", testing::SampleOutcome(0.5, "first")},
                      {"key", testing::SampleOutcome(0.5, "second")}};
  ASSERT_OK(store_->Commit(changes));
  Reopen();
  ASSERT_OK_AND_ASSIGN(const StoredState state, store_->Load());
  ASSERT_EQ(state.tasks.size(), 3u);
  EXPECT_EQ(state.tasks[0].checkpoint_digest, Sha256Hex("first"));
  EXPECT_EQ(state.tasks[1].checkpoint_digest, "");
  EXPECT_EQ(state.tasks[2].checkpoint_digest, "") << "its outcome is not there";
}

TEST_P(StoreOutcomesContract, AnOutcomeThatExistsStaysAsItIs) {
  ChangeSet changes;
  changes.outcomes = {{"key", testing::SampleOutcome(0.5)}, {"key", testing::SampleOutcome(0.25)}};
  ASSERT_OK(store_->Commit(changes));
  changes.outcomes = {{"key", testing::SampleOutcome(0.125)}};
  ASSERT_OK(store_->Commit(changes));
  ASSERT_OK_AND_ASSIGN(const Outcome read, store_->ReadOutcome("key"));
  EXPECT_EQ(read.rows[0].values.at("accuracy"), 0.5);
}

TEST_P(StoreOutcomesContract, AnUnknownOutcomeIsNotFound) {
  EXPECT_STATUS(store_->ReadOutcome("key"), kNotFound, "key");
}

TEST_P(StoreOutcomesContract, FindsWhichOfThousandsOfKeysExistAndTheirDigests) {
  ChangeSet changes;
  std::vector<std::string> asked;
  std::map<std::string, std::string> expected;
  for (int i = 0; i < 2500; ++i) {
    const std::string key = absl::StrCat("key", i);
    asked.push_back(key);
    if (i % 3 != 0) continue;
    changes.outcomes.emplace_back(key, testing::SampleOutcome(0.75, key));
    expected[key] = Sha256Hex(key);
  }
  changes.outcomes.emplace_back("not asked for", testing::SampleOutcome());
  ASSERT_OK(store_->Commit(changes));
  asked.push_back("key0");
  ASSERT_OK_AND_ASSIGN(const auto existing, store_->ExistingOutcomes(asked));
  EXPECT_EQ(existing, expected);
  ASSERT_OK_AND_ASSIGN(const auto none, store_->ExistingOutcomes({}));
  EXPECT_THAT(none, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreOutcomesContract, ::testing::ValuesIn(StoreFactories()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace probesweep::server
