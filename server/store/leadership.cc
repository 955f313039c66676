#include "server/store/leadership.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "server/store/sql_rows.h"

namespace probesweep::server {
namespace {

absl::Status NoRecord() {
  return absl::DataLossError("the store's leadership record is gone; restore the store from a backup");
}

}  // namespace

absl::Status HoldLeadership(Database& database, int64_t epoch) {
  bool holds = false;
  if (epoch != 0) {
    PS_RETURN_IF_ERROR(database.Query(
        "UPDATE leadership SET renewals = renewals + 1 WHERE id = 1 AND epoch = $1 RETURNING epoch", {epoch},
        [&](const SqlRow&) {
          holds = true;
          return absl::OkStatus();
        }));
  }
  return holds ? absl::OkStatus() : CheckLeadership(database, epoch);
}

absl::Status CheckLeadership(Database& database, int64_t epoch) {
  absl::Status status = NoRecord();
  PS_RETURN_IF_ERROR(
      database.Query("SELECT epoch, holder FROM leadership WHERE id = 1", {}, [&](const SqlRow& row) {
        if (epoch == 0) {
          status = absl::FailedPreconditionError("this coordinator does not lead: it may not use the store");
        } else if (IntegerAt(row, 0) != epoch) {
          status = absl::FailedPreconditionError(absl::StrCat("another coordinator, ", TextAt(row, 1),
                                                              ", leads since epoch ", IntegerAt(row, 0),
                                                              "; this one led in epoch ", epoch));
        } else {
          status = absl::OkStatus();
        }
        return absl::OkStatus();
      }));
  return status;
}

Leadership::Leadership(std::unique_ptr<Database> database, std::string holder, Clock* clock,
                       const LeadershipOptions& options)
    : holder_(std::move(holder)), clock_(clock), options_(options), database_(std::move(database)) {}

absl::StatusOr<bool> Leadership::TryLead() {
  absl::MutexLock lock(&mutex_);
  if (epoch() != 0) return true;
  const absl::StatusOr<Record> record = Read();
  if (!record.ok()) {
    seen_.reset();
    return record.status();
  }
  if (!IsGone(*record)) return false;
  const absl::StatusOr<bool> leads = TakeOver(*record);
  last_look_ = clock_->Steady();  // the attempt may have waited for a lock
  return leads;
}

absl::Status Leadership::Lead() {
  absl::MutexLock lock(&mutex_);
  while (true) {
    PS_ASSIGN_OR_RETURN(const Record record, Read());
    PS_ASSIGN_OR_RETURN(const bool leads, TakeOver(record));
    if (leads) return absl::OkStatus();
  }
}

absl::Status Leadership::Renew() {
  absl::MutexLock lock(&mutex_);
  return database_->Transact(
      [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return HoldLeadership(*database_, epoch()); });
}

absl::Status Leadership::Release() {
  absl::MutexLock lock(&mutex_);
  const int64_t led = epoch_.exchange(0);
  return database_->Execute(
      "UPDATE leadership SET holder = '', renewals = renewals + 1 WHERE id = 1 AND epoch = $1", {led});
}

absl::StatusOr<Leadership::Record> Leadership::Read() {
  std::optional<Record> record;
  PS_RETURN_IF_ERROR(database_->Query(
      "SELECT epoch, holder, renewals, process FROM leadership WHERE id = 1", {}, [&](const SqlRow& row) {
        record = Record{IntegerAt(row, 0), TextAt(row, 1), IntegerAt(row, 2), TextAt(row, 3)};
        return absl::OkStatus();
      }));
  if (!record.has_value()) return NoRecord();
  return *std::move(record);
}

bool Leadership::IsGone(const Record& record) {
  const absl::Duration now = clock_->Steady();
  const bool moved = !seen_.has_value() || seen_->epoch != record.epoch || seen_->renewals != record.renewals;
  if (moved || now - last_look_ > options_.longest_gap) {
    seen_ = record;
    seen_since_ = now;
  }
  last_look_ = now;
  if (record.holder.empty() || now - seen_since_ >= options_.silence) return true;
  return options_.has_ended != nullptr && options_.has_ended(record.process);
}

absl::StatusOr<bool> Leadership::TakeOver(const Record& seen) {
  int64_t taken = 0;
  PS_RETURN_IF_ERROR(database_->Query(
      "UPDATE leadership SET epoch = epoch + 1, holder = $1, process = $2, renewals = renewals + 1 "
      "WHERE id = 1 AND epoch = $3 AND renewals = $4 RETURNING epoch",
      {holder_, options_.process, seen.epoch, seen.renewals}, [&](const SqlRow& row) {
        taken = IntegerAt(row, 0);
        return absl::OkStatus();
      }));
  if (taken != 0) epoch_.store(taken, std::memory_order_release);
  return taken != 0;
}

}  // namespace probesweep::server
