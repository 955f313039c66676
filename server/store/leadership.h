// Which of several coordinators may write to a store: docs/adr/0011-leadership-by-epoch.md.
#ifndef PROBESWEEP_SERVER_STORE_LEADERSHIP_H_
#define PROBESWEEP_SERVER_STORE_LEADERSHIP_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "server/store/database.h"

namespace probesweep::server {

struct LeadershipOptions {
  // A leader whose record does not move for so long of this process's own time is taken for dead. Five
  // renewals: one that is late is no reason to change.
  absl::Duration silence = absl::Seconds(10);
  // Looks at the record that lie further apart say nothing of the time between them: the store, or this
  // process, was away, and the leader perhaps, too.
  absl::Duration longest_gap = absl::Seconds(5);
  // This process as others of its machine recognise it (process_mark.h), and whether one is known to have
  // ended: then it need not be silent first. Null: that is never known.
  std::string process;
  std::function<bool(const std::string& process)> has_ended;
};

// The first statement of every transaction that writes. It takes the record's lock until the transaction
// ends, so that nobody takes over in the middle of one, and moves the record. Errors: FAILED_PRECONDITION
// when `epoch` leads no more, or never did.
absl::Status HoldLeadership(Database& database, int64_t epoch);
// Whether `epoch` leads, without writing. Errors: as above.
absl::Status CheckLeadership(Database& database, int64_t epoch);

// This process's part in the election. Times of different machines are never compared: a standby watches the
// record move. Thread-safe; every call but epoch() blocks on the store.
class Leadership {
 public:
  // `holder` names this process to people: "host:pid".
  Leadership(std::unique_ptr<Database> database, std::string holder, Clock* clock,
             const LeadershipOptions& options = {});

  // Takes over when nobody leads, or when the leader is silent. To be called every second or so. Returns
  // whether this process leads. Errors: UNAVAILABLE.
  absl::StatusOr<bool> TryLead();
  // Takes over at once: where something else keeps other coordinators away.
  absl::Status Lead();
  // Shows the others that the leader lives. Errors: FAILED_PRECONDITION (another leads), UNAVAILABLE.
  absl::Status Renew();
  // Lets another lead at once. This process writes no more.
  absl::Status Release();

  // Which leads; 0 while this process does not.
  int64_t epoch() const { return epoch_.load(std::memory_order_acquire); }

 private:
  struct Record {
    int64_t epoch = 0;
    std::string holder;  // empty: nobody leads
    int64_t renewals = 0;
    std::string process;  // as in LeadershipOptions
  };

  absl::StatusOr<Record> Read() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether the leader of `record`, read now, is to be replaced.
  bool IsGone(const Record& record) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Returns false when the record moved meanwhile.
  absl::StatusOr<bool> TakeOver(const Record& seen) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string holder_;
  Clock* const clock_;
  const LeadershipOptions options_;
  std::atomic<int64_t> epoch_{0};
  absl::Mutex mutex_;
  const std::unique_ptr<Database> database_ ABSL_PT_GUARDED_BY(mutex_);
  std::optional<Record> seen_ ABSL_GUARDED_BY(mutex_);
  absl::Duration seen_since_ ABSL_GUARDED_BY(mutex_);  // steady time when seen_ was first read
  absl::Duration last_look_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_STORE_LEADERSHIP_H_
