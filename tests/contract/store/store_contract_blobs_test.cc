// Which blobs a store refers to.
#include <gmock/gmock.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "tests/contract/store/store_contract.h"
#include "tests/support/status_matchers.h"

namespace probesweep::server {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class StoreBlobsContract : public StoreContract {
 protected:
  static Sweep SweepOf(const std::string& id, int64_t sequence, const std::vector<std::string>& datasets) {
    Sweep sweep = MakeSweep(id, sequence);
    sweep.spec = testing::SampleSpec(datasets);
    return sweep;
  }

  static Outcome OutcomeWith(const std::vector<std::string>& artifacts) {
    Outcome outcome = testing::SampleOutcome();
    for (const std::string& artifact : artifacts) {
      outcome.artifacts.push_back({"probe", Sha256Hex(artifact), 10});
    }
    return outcome;
  }

  // What all pages have; `between` runs after each of them.
  std::set<std::string> Referenced(const std::function<void()>& between = [] {}) {
    std::set<std::string> all;
    BlobCursor cursor;
    for (int pages = 0; pages < 10'000; ++pages) {
      const auto page = store_->ReferencedBlobs(cursor);
      EXPECT_OK(page);
      if (!page.ok() || page->empty()) return all;
      all.insert(page->begin(), page->end());
      between();
    }
    ADD_FAILURE() << "the pages have no end";
    return all;
  }
};

TEST_P(StoreBlobsContract, AnEmptyStoreRefersToNone) { EXPECT_THAT(Referenced(), IsEmpty()); }

TEST_P(StoreBlobsContract, DatasetsOfSweepsAndArtifactsOfOutcomesAreReferredTo) {
  ChangeSet changes;
  changes.sweeps = {SweepOf("a", 1, {"truth", "privacy"}), SweepOf("b", -5, {"truth", "toxicity"})};
  changes.outcomes = {{"none", OutcomeWith({})}, {"two", OutcomeWith({"x", "y"})}};
  ASSERT_OK(store_->Commit(changes));
  Reopen();
  EXPECT_THAT(Referenced(), UnorderedElementsAre(Sha256Hex("truth"), Sha256Hex("privacy"),
                                                 Sha256Hex("toxicity"), Sha256Hex("x"), Sha256Hex("y")));
}

TEST_P(StoreBlobsContract, WhatADeletedSweepAloneUsedIsNoMore) {
  ChangeSet changes;
  changes.sweeps = {SweepOf("a", 1, {"truth", "privacy"}), SweepOf("b", 2, {"truth"})};
  changes.tasks = {MakeTask("a", 0, 0, "own"), MakeTask("a", 0, 1, "shared"), MakeTask("b", 0, 0, "shared")};
  changes.outcomes = {{"own", OutcomeWith({"x"})}, {"shared", OutcomeWith({"y"})}};
  ASSERT_OK(store_->Commit(changes));
  changes = ChangeSet();
  changes.deleted_sweeps = {"a"};
  ASSERT_OK(store_->Commit(changes));
  EXPECT_THAT(Referenced(), UnorderedElementsAre(Sha256Hex("truth"), Sha256Hex("y")));
}

// More than a page of each, some outcomes with many artifacts, while others come and go.
TEST_P(StoreBlobsContract, NothingThatStaysIsMissedWhileOthersComeAndGo) {
  ChangeSet changes;
  std::set<std::string> staying;
  for (int i = 0; i < 250; ++i) {
    const std::string name = absl::StrCat("d", i);
    changes.sweeps.push_back(SweepOf(absl::StrCat("s", i), i, {name}));
    staying.insert(Sha256Hex(name));
  }
  for (int i = 0; i < 3000; ++i) {
    std::vector<std::string> artifacts;
    for (int k = 0; k <= i % 4; ++k) artifacts.push_back(absl::StrCat("a", i, ".", k));
    for (const std::string& artifact : artifacts) staying.insert(Sha256Hex(artifact));
    changes.outcomes.emplace_back(Sha256Hex(absl::StrCat("key", i)), OutcomeWith(artifacts));
  }
  ASSERT_OK(store_->Commit(changes));
  int round = 0;
  const auto come_and_go = [&] {
    if (++round > 5) return;
    ChangeSet change;
    change.sweeps = {SweepOf(absl::StrCat("new", round), 1000 + round, {"fresh"})};
    change.tasks = {MakeTask(absl::StrCat("new", round), 0, 0, absl::StrCat("0", round))};
    change.outcomes = {{absl::StrCat("0", round), OutcomeWith({"fresh artifact"})}};
    if (round > 1) change.deleted_sweeps = {absl::StrCat("new", round - 1)};
    ASSERT_OK(store_->Commit(change));
  };
  const std::set<std::string> referenced = Referenced(come_and_go);
  std::vector<std::string> missed;
  std::set_difference(staying.begin(), staying.end(), referenced.begin(), referenced.end(),
                      std::back_inserter(missed));
  EXPECT_EQ(missed.size(), 0u) << "of " << staying.size() << ", e.g. " << (missed.empty() ? "" : missed[0]);
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreBlobsContract, ::testing::ValuesIn(StoreFactories()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace probesweep::server
