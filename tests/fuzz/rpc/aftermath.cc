// What must hold when the hostile calls are over.
#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/digest.h"
#include "common/file.h"
#include "tests/fuzz/rpc/fuzz_fixture.h"

namespace probesweep::fuzz {
namespace {

constexpr absl::Duration kServedWithin = absl::Seconds(5);

}  // namespace

std::vector<v1::ResultRow> FuzzFixture::HealthyRound(const std::string& name) {
  const absl::Time start = absl::Now();
  v1::SweepSpec spec = Spec();
  spec.set_name("healthy");
  spec.set_recompute(name);
  const absl::StatusOr<v1::Sweep> sweep = Create(spec, name);
  EXPECT_OK(sweep);
  if (!sweep.ok()) return {};
  accepted_.sweeps[sweep->id()] = *sweep;
  const std::string worker = absl::StrCat("honest-", name);
  EXPECT_OK(Register(worker));
  accepted_.workers.insert(worker);
  // Other sweeps' tasks come in between: it does them too.
  for (bool done = false; !done && absl::Now() - start < kServedWithin;) {
    const absl::StatusOr<v1::LeaseTasksResponse> lease = Lease(worker, absl::ZeroDuration());
    EXPECT_OK(lease);
    if (!lease.ok()) break;
    for (int task = 0; task < lease->grant().tasks_size(); ++task) {
      const v1::CommitTaskRequest commit = HonestCommit(lease->grant(), task, worker);
      EXPECT_OK(Send(commit));
      accepted_.commits.insert(ResultText(commit));
    }
    const absl::StatusOr<v1::Sweep> now = Get(sweep->id());
    done = !now.ok() || now->state() == v1::SWEEP_STATE_SUCCEEDED;
  }
  absl::StatusOr<std::vector<v1::ResultRow>> rows = Results(sweep->id());
  EXPECT_OK(rows);
  EXPECT_LT(absl::Now() - start, kServedWithin);
  if (!rows.ok()) return {};
  for (v1::ResultRow& row : *rows) row.clear_sweep_id();
  return *std::move(rows);
}

std::vector<v1::Sweep> FuzzFixture::AllSweeps() {
  std::vector<v1::Sweep> sweeps;
  v1::ListSweepsRequest request;
  request.set_page_size(7);
  do {
    const absl::StatusOr<v1::ListSweepsResponse> page = Call(*sweeps_, &Sweeps::ListSweeps, request);
    EXPECT_OK(page);
    if (!page.ok()) return sweeps;
    sweeps.insert(sweeps.end(), page->sweeps().begin(), page->sweeps().end());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return sweeps;
}

void FuzzFixture::ExpectResults(const v1::Sweep& sweep) {
  const absl::StatusOr<std::vector<v1::ResultRow>> rows = Results(sweep.id());
  ASSERT_OK(rows);
  std::map<std::pair<std::string, std::string>, std::vector<v1::ResultRow>> tasks;
  for (const v1::ResultRow& row : *rows) {
    EXPECT_EQ(WhyNotARow(row, sweep.spec()), "") << row.ShortDebugString();
    tasks[{row.checkpoint(), row.dimension()}].push_back(row);
  }
  EXPECT_EQ(tasks.size(), static_cast<size_t>(sweep.tasks().done()));
  for (const auto& [task, rows_of_task] : tasks) {
    std::set<std::pair<int, std::string>> names;
    for (const v1::ResultRow& row : rows_of_task) {
      EXPECT_TRUE(names.emplace(row.layer(), row.protocol()).second) << row.ShortDebugString();
    }
    EXPECT_EQ(accepted_.commits.count(ResultText(rows_of_task)), 1)
        << "results that nobody committed: " << rows_of_task[0].ShortDebugString();
  }
}

void FuzzFixture::ExpectStored() {
  std::set<std::string> stored;
  for (const v1::Sweep& sweep : AllSweeps()) {
    stored.insert(sweep.id());
    const auto made = accepted_.sweeps.find(sweep.id());
    ASSERT_NE(made, accepted_.sweeps.end()) << "a sweep that nobody made: " << sweep.ShortDebugString();
    EXPECT_EQ(sweep.spec().SerializeAsString(), made->second.spec().SerializeAsString());
    EXPECT_EQ(WhyNotASweep(sweep, accepted_.blobs), "") << sweep.ShortDebugString().substr(0, 3000);
    EXPECT_EQ(WhyNotShowable(sweep), "") << sweep.id();
    ExpectResults(sweep);
  }
  EXPECT_EQ(stored.size(), accepted_.sweeps.size());
  const auto workers = Call(*sweeps_, &Sweeps::ListWorkers, v1::ListWorkersRequest());
  ASSERT_OK(workers);
  for (const v1::Worker& worker : workers->workers()) {
    EXPECT_EQ(accepted_.workers.count(worker.id()), 1) << worker.ShortDebugString();
    EXPECT_EQ(WhyNotShowable(worker), "") << worker.ShortDebugString();
  }
  EXPECT_EQ(static_cast<size_t>(workers->workers_size()), accepted_.workers.size());
}

void FuzzFixture::ExpectBlobs() {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(options_.data_folder + "/blobs")) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file() || name == "store") continue;
    EXPECT_EQ(accepted_.blobs.count(name), 1) << "a blob that nobody uploaded: " << entry.path();
    const absl::StatusOr<std::string> bytes = ReadFile(entry.path().string(), int64_t{1} << 30);
    ASSERT_OK(bytes);
    EXPECT_EQ(Sha256Hex(*bytes), name);
  }
}

void FuzzFixture::ExpectOnlyWhatWasAccepted() {
  ExpectStored();
  ExpectBlobs();
  caller_.reset();
  Stop();
  ASSERT_NO_FATAL_FAILURE(StartWithClients());
  ExpectStored();
}

}  // namespace probesweep::fuzz
