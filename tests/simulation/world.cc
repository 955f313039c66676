#include "tests/simulation/world.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/status.h"
#include "server/store/leadership.h"
#include "server/store/migrations.h"
#include "server/store/sql_store.h"
#include "server/store/sqlite_database.h"
#include "tests/simulation/coordinator_process.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/ledger.h"
#include "tests/simulation/network.h"
#include "tests/simulation/operator_process.h"
#include "tests/simulation/worker_process.h"

namespace probesweep::simulation {
namespace {

class World {
 public:
  World(uint64_t seed, std::string folder)
      : folder_(std::move(folder)),
        random_(seed),
        faults_(DrawFaults(random_)),
        network_(&timeline_, &random_, &faults_),
        store_clock_(&timeline_),
        operator_(&timeline_, &random_, &network_, 1 + static_cast<int>(random_.Below(3))) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    const int64_t coordinators = 1 + random_.Below(2);
    for (int64_t i = 0; i < coordinators; ++i) {
      coordinators_.push_back(std::make_unique<CoordinatorProcess>(
          absl::StrCat("coordinator-", i), &timeline_, &random_, &faults_, &ledger_,
          [this](Clock* clock) { return OpenStore(clock); }));
      network_.AddCoordinator(coordinators_.back().get());
    }
    const int64_t workers = 1 + random_.Below(5);
    for (int64_t i = 0; i < workers; ++i) {
      workers_.push_back(std::make_unique<WorkerProcess>(absl::StrCat("worker-", i), &timeline_, &random_,
                                                         &faults_, &network_, &ledger_));
    }
  }

  WorldReport Run() {
    workers_.front()->AlwaysComeBack();
    for (auto& coordinator : coordinators_) coordinator->Start();
    for (auto& worker : workers_) worker->Start();
    operator_.Start();
    PlanFaults();
    const absl::Duration end = faults_.until + absl::Hours(24);
    WorldReport report;
    std::string trace;
    while (!operator_.finished() && timeline_.now() < end && timeline_.RunNext()) {
      ++report.events;
      // What the world did is told by when it did it: every event draws from the seed's randomness.
      absl::StrAppend(&trace, absl::ToInt64Nanoseconds(timeline_.now()), " ");
    }
    report.trace_digest = Sha256Hex(trace);
    Close();
    report.violations = ledger_.violations();
    report.accepted = ledger_.accepted();
    for (const auto& coordinator : coordinators_) report.coordinator_lives += coordinator->life();
    for (const auto& worker : workers_) {
      report.computed += worker->computed();
      report.replayed += worker->replayed();
      report.worker_lives += worker->life();
    }
    return report;
  }

 private:
  absl::StatusOr<std::unique_ptr<server::SqlStore>> OpenStore(Clock* clock) {
    const std::string path = absl::StrCat(folder_, "/store.db");
    server::SqlStore::Parts parts;
    PS_ASSIGN_OR_RETURN(parts.writer, server::OpenSqlite(path));
    PS_RETURN_IF_ERROR(server::Migrate(*parts.writer));
    PS_ASSIGN_OR_RETURN(parts.reader, server::OpenSqlite(path));
    PS_ASSIGN_OR_RETURN(auto election, server::OpenSqlite(path));
    parts.leadership = std::make_unique<server::Leadership>(std::move(election), "simulated", clock);
    return std::make_unique<server::SqlStore>(std::move(parts), clock);
  }

  void Close() {
    const auto store = OpenStore(&store_clock_);
    if (store.ok() && (*store)->leadership().Lead().ok()) return ledger_.Close(**store, operator_.finished());
    ledger_.Violation(absl::StrCat("the store cannot be opened: ", store.status().message()));
  }

  // `strike` again and again, at random times around `mean` apart, until faults end.
  void Repeat(absl::Duration mean, const std::function<void()>& strike) {
    if (mean == absl::InfiniteDuration()) return;
    const absl::Duration wait = random_.Between(mean / 10, mean * 2);
    timeline_.After(wait, [this, mean, strike] {
      if (timeline_.now() >= faults_.until) return;
      strike();
      Repeat(mean, strike);
    });
  }

  void PlanFaults() {
    for (auto& entry : workers_) {
      WorkerProcess* const worker = entry.get();
      Repeat(faults_.worker_crash, [worker] {
        if (worker->alive()) worker->Kill();
      });
      Repeat(faults_.worker_pause,
             [this, worker] { worker->Pause(random_.Between(absl::ZeroDuration(), faults_.longest_pause)); });
      Repeat(faults_.partition, [this, worker] {
        network_.CutOff(worker->name(), random_.Between(absl::ZeroDuration(), absl::Minutes(2)));
      });
    }
    for (auto& entry : coordinators_) {
      CoordinatorProcess* const coordinator = entry.get();
      Repeat(faults_.coordinator_crash, [coordinator] {
        if (coordinator->alive()) coordinator->Kill();
      });
      Repeat(faults_.coordinator_pause, [this, coordinator] {
        coordinator->Pause(random_.Between(absl::ZeroDuration(), faults_.longest_pause));
      });
      Repeat(faults_.clock_jump, [this, coordinator] {
        coordinator->JumpClock(random_.Between(-absl::Hours(3), absl::Hours(3)));
      });
    }
  }

  const std::string folder_;
  Timeline timeline_;
  SimRandom random_;
  const Faults faults_;
  Ledger ledger_;
  Network network_;
  SimClock store_clock_;
  std::vector<std::unique_ptr<CoordinatorProcess>> coordinators_;
  std::vector<std::unique_ptr<WorkerProcess>> workers_;
  OperatorProcess operator_;
};

}  // namespace

WorldReport RunWorld(uint64_t seed, const std::string& folder) { return World(seed, folder).Run(); }

}  // namespace probesweep::simulation
