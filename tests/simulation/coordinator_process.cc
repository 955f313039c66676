#include "tests/simulation/coordinator_process.h"

#include <algorithm>
#include <map>
#include <utility>

#include "tests/support/silent_observer.h"

namespace probesweep::simulation {
namespace {

// As CoordinatorOptions.
constexpr absl::Duration kLongestSleep = absl::Seconds(5), kStandstill = absl::Seconds(5);

}  // namespace

// Loses its process, or the transaction, at a boundary.
class CoordinatorProcess::FaultyStore : public server::Store {
 public:
  FaultyStore(CoordinatorProcess* process, std::unique_ptr<server::SqlStore> store)
      : process_(process), life_(process->life()), store_(std::move(store)) {}

  absl::StatusOr<server::StoredState> Load() override { return store_->Load(); }
  absl::Status CheckWritable() override { return store_->CheckWritable(); }
  absl::StatusOr<std::map<std::string, std::string>> ExistingOutcomes(
      const std::vector<std::string>& keys) override {
    return store_->ExistingOutcomes(keys);
  }
  absl::StatusOr<server::Outcome> ReadOutcome(const std::string& key) override {
    return store_->ReadOutcome(key);
  }
  absl::StatusOr<std::vector<std::string>> ReferencedBlobs(server::BlobCursor& cursor) override {
    return store_->ReferencedBlobs(cursor);
  }

  absl::Status Commit(const server::ChangeSet& changes) override {
    if (process_->life() != life_) return absl::UnavailableError("simulated: this process is dead");
    const Faults& faults = *process_->faults_;
    SimRandom& random = *process_->random_;
    const bool faulty = process_->timeline()->now() < faults.until;
    if (faulty && random.Chance(faults.store_refusal)) return absl::UnavailableError("simulated: disk full");
    if (faulty && random.Chance(faults.crash_before_commit)) {
      process_->Kill();
      return absl::UnavailableError("simulated: killed before the commit");
    }
    const absl::Status stored = store_->Commit(changes);
    if (stored.ok()) process_->ledger_->OnDurable(changes);
    if (faulty && random.Chance(faults.crash_after_commit)) process_->Kill();
    if (faulty && random.Chance(faults.store_silence))
      return absl::UnavailableError("simulated: connection lost");
    return stored;
  }

 private:
  CoordinatorProcess* const process_;
  const int64_t life_;
  const std::unique_ptr<server::SqlStore> store_;
};

CoordinatorProcess::CoordinatorProcess(std::string name, Timeline* timeline, SimRandom* random,
                                       const Faults* faults, Ledger* ledger, OpenStoreFunction open_store)
    : Process(std::move(name), timeline),
      random_(random),
      faults_(faults),
      ledger_(ledger),
      open_store_(std::move(open_store)),
      clock_(timeline),
      observer_(std::make_unique<testing::SilentObserver>()) {}

CoordinatorProcess::~CoordinatorProcess() = default;

void CoordinatorProcess::OnStart() {
  dead_.clear();
  inbox_.clear();
  next_round_ = absl::InfiniteDuration();
  absl::StatusOr<std::unique_ptr<server::SqlStore>> store = open_store_(&clock_);
  if (!store.ok()) return Kill();
  sql_store_ = store->get();
  store_ = std::make_unique<FaultyStore>(this, *std::move(store));
  TryLead();
}

void CoordinatorProcess::TryLead() {
  const absl::StatusOr<bool> leads = sql_store_->leadership().TryLead();
  if (leads.ok() && *leads) return Serve();
  After(absl::Seconds(1), [this] { TryLead(); });
}

void CoordinatorProcess::Serve() {
  server::CoreOptions options;
  options.engine_version = "simulated";
  core_ = std::make_unique<server::CoordinatorCore>(
      options, store_.get(), [](const std::string&) { return int64_t{1000}; }, &clock_, random_,
      observer_.get());
  if (!core_->Start().ok()) return Kill();
  looked_ = timeline()->now();
  RenewLeadership();
  ScheduleRound(absl::ZeroDuration());
}

void CoordinatorProcess::RenewLeadership() {
  // As the server does: another coordinator leads, so this one ends.
  if (absl::IsFailedPrecondition(sql_store_->leadership().Renew())) return Kill();
  After(absl::Seconds(2), [this] { RenewLeadership(); });
}

void CoordinatorProcess::OnKilled() {
  if (core_ != nullptr) dead_.push_back(std::move(core_));
  ScheduleRestart();
}

void CoordinatorProcess::ScheduleRestart() {
  timeline()->After(random_->Between(absl::Milliseconds(200), absl::Seconds(45)), [this] {
    if (!alive()) Start();
  });
}

void CoordinatorProcess::Receive(Request request) {
  inbox_.push_back(std::move(request));
  ScheduleRound(random_->Between(absl::ZeroDuration(), absl::Milliseconds(20)));
}

void CoordinatorProcess::ScheduleRound(absl::Duration delay) {
  const absl::Duration due = timeline()->now() + delay;
  if (due >= next_round_) return;
  next_round_ = due;
  After(delay, [this, due] {
    if (due == next_round_) Round();
  });
}

void CoordinatorProcess::Round() {
  next_round_ = absl::InfiniteDuration();
  server::CoordinatorCore* const core = core_.get();
  if (timeline()->now() - looked_ > kLongestSleep + kStandstill) core->ExcuseSilence();
  looked_ = timeline()->now();
  for (Request& request : std::exchange(inbox_, {})) request(*core);
  core->Step();
  if (!alive()) return;
  ScheduleRound(std::clamp(core->NextWake() - timeline()->now(), absl::Milliseconds(1), kLongestSleep));
}

}  // namespace probesweep::simulation
