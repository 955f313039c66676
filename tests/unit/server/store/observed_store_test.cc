#include "server/store/observed_store.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/support/fake_clock.h"
#include "tests/support/memory_store.h"
#include "tests/support/sample_sweeps.h"
#include "tests/support/status_matchers.h"

namespace probesweep::server {
namespace {

// Takes two seconds for everything.
class SlowStore : public testing::MemoryStore {
 public:
  explicit SlowStore(testing::ManualClock* clock) : clock_(clock) {}
  absl::StatusOr<StoredState> Load() override {
    clock_->Advance(absl::Seconds(2));
    return MemoryStore::Load();
  }
  absl::Status Commit(const ChangeSet& changes) override {
    clock_->Advance(absl::Seconds(2));
    return MemoryStore::Commit(changes);
  }

 private:
  testing::ManualClock* const clock_;
};

TEST(ObservedStore, PassesEverythingOnAndReportsOperationTimeAndStatus) {
  testing::ManualClock clock;
  std::vector<std::string> seen;
  const auto store =
      ObserveStore(std::make_unique<SlowStore>(&clock), &clock,
                   [&](const char* operation, absl::Duration duration, const absl::Status& status) {
                     seen.push_back(absl::StrCat(operation, " ", absl::FormatDuration(duration), " ",
                                                 absl::StatusCodeToString(status.code())));
                   });
  EXPECT_OK(store->Load());
  ChangeSet changes;
  changes.outcomes = {{"key", testing::SampleOutcome()}};
  EXPECT_OK(store->Commit(changes));
  ASSERT_OK_AND_ASSIGN(const auto existing, store->ExistingOutcomes({"key", "other"}));
  EXPECT_EQ(existing, (std::map<std::string, std::string>{{"key", Sha256Hex("weights")}}));
  EXPECT_OK(store->CheckWritable());
  EXPECT_OK(store->ReadOutcome("key"));
  EXPECT_STATUS(store->ReadOutcome("other"), kNotFound, "other");
  EXPECT_EQ(seen, (std::vector<std::string>{"load 2s OK", "commit 2s OK", "find 0 OK", "check 0 OK",
                                            "read 0 OK", "read 0 NOT_FOUND"}));
}

}  // namespace
}  // namespace probesweep::server
