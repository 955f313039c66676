// Deleting sweeps: what goes, what stays.
#include <gmock/gmock.h>

#include "tests/contract/store/store_contract.h"
#include "tests/support/status_matchers.h"

namespace probesweep::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class StoreDeletionContract : public StoreContract {
 protected:
  // Sweep "a" has results "own" and "shared", sweep "b" reuses "shared".
  void TwoSweeps() {
    ChangeSet changes;
    changes.sweeps = {MakeSweep("a", 1), MakeSweep("b", 2)};
    changes.tasks = {MakeTask("a", 0, 0, "own"), MakeTask("a", 0, 1, "shared"),
                     MakeTask("b", 0, 0, "shared")};
    changes.outcomes = {{"own", testing::SampleOutcome()}, {"shared", testing::SampleOutcome()}};
    ASSERT_OK(store_->Commit(changes));
  }

  std::vector<std::string> Kept() {
    const auto existing = store_->ExistingOutcomes({"own", "shared"});
    EXPECT_OK(existing);
    std::vector<std::string> keys;
    for (const auto& [key, digest] : *existing) keys.push_back(key);
    return keys;
  }
};

TEST_P(StoreDeletionContract, ASweepGoesWithItsTasksAndWhatNobodyElseUses) {
  TwoSweeps();
  ChangeSet changes;
  changes.deleted_sweeps = {"a"};
  ASSERT_OK(store_->Commit(changes));
  Reopen();
  ASSERT_OK_AND_ASSIGN(const StoredState state, store_->Load());
  ASSERT_EQ(state.sweeps.size(), 1u);
  EXPECT_EQ(state.sweeps[0].id, "b");
  ASSERT_EQ(state.tasks.size(), 1u);
  EXPECT_EQ(state.tasks[0].sweep_id, "b");
  EXPECT_THAT(Kept(), ElementsAre("shared"));
  EXPECT_STATUS(store_->ReadOutcome("own"), kNotFound, "own");
  ASSERT_OK_AND_ASSIGN(const Outcome shared, store_->ReadOutcome("shared"));
  EXPECT_EQ(shared.rows.size(), 2u);
}

TEST_P(StoreDeletionContract, ASharedOutcomeGoesWithItsLastUser) {
  TwoSweeps();
  for (const char* id : {"a", "b"}) {
    ChangeSet changes;
    changes.deleted_sweeps = {id};
    ASSERT_OK(store_->Commit(changes));
  }
  EXPECT_THAT(Kept(), IsEmpty());
}

TEST_P(StoreDeletionContract, BothUsersMayGoAtOnce) {
  TwoSweeps();
  ChangeSet changes;
  changes.deleted_sweeps = {"b", "a"};
  ASSERT_OK(store_->Commit(changes));
  EXPECT_THAT(Kept(), IsEmpty());
}

// Delete and submit again, both before the coordinator's next step.
TEST_P(StoreDeletionContract, ANewSweepMayTakeOverTheDeletedOnesResultsInTheSameChange) {
  TwoSweeps();
  ChangeSet changes;
  changes.deleted_sweeps = {"a"};
  Sweep again = MakeSweep("c", 1);
  again.request_id = "request-a";
  changes.sweeps = {again};
  changes.tasks = {MakeTask("c", 0, 0, "own")};
  ASSERT_OK(store_->Commit(changes));
  EXPECT_THAT(Kept(), ElementsAre("own", "shared"));
  ASSERT_OK_AND_ASSIGN(const StoredState state, store_->Load());
  ASSERT_EQ(state.sweeps.size(), 2u);
  EXPECT_EQ(state.sweeps[0].id, "c");
}

TEST_P(StoreDeletionContract, OutcomesOfNoTaskAreNotTouched) {
  TwoSweeps();
  ChangeSet changes;
  changes.outcomes = {{"stray", testing::SampleOutcome()}};
  ASSERT_OK(store_->Commit(changes));
  changes = ChangeSet();
  changes.deleted_sweeps = {"a"};
  ASSERT_OK(store_->Commit(changes));
  EXPECT_OK(store_->ReadOutcome("stray"));
}

TEST_P(StoreDeletionContract, DeletingWhatIsNotThereIsFine) {
  ChangeSet changes;
  changes.deleted_sweeps = {"nobody"};
  EXPECT_OK(store_->Commit(changes));
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreDeletionContract, ::testing::ValuesIn(StoreFactories()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace probesweep::server
