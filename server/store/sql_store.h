#ifndef PROBESWEEP_SERVER_STORE_SQL_STORE_H_
#define PROBESWEEP_SERVER_STORE_SQL_STORE_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/clock.h"
#include "server/store/database.h"
#include "server/store/leadership.h"
#include "server/store/sqlite_database.h"
#include "server/store/store.h"

namespace probesweep::server {

// The store over connections to one relational database: one for the coordinator's own thread (Load, Commit,
// CheckWritable, ExistingOutcomes), one for readers, so that a long export never holds up a commit. Load,
// Commit and CheckWritable are refused with FAILED_PRECONDITION unless leadership() says that this process
// leads.
class SqlStore : public Store {
 public:
  // What it is made of, and owns.
  struct Parts {
    std::unique_ptr<FileLock> lock;  // of a store file, for as long as the store lives; null: none
    std::unique_ptr<Database> writer, reader;
    std::unique_ptr<Leadership> leadership;  // over the same database
    std::string identity = "";               // the database's
  };
  // The schema is up to date.
  SqlStore(Parts parts, Clock* clock)
      : clock_(clock),
        lock_(std::move(parts.lock)),
        leadership_(std::move(parts.leadership)),
        identity_(std::move(parts.identity)),
        writer_(std::move(parts.writer)),
        reader_(std::move(parts.reader)) {}

  absl::StatusOr<StoredState> Load() override;
  absl::Status Commit(const ChangeSet& changes) override;
  absl::Status CheckWritable() override;
  absl::StatusOr<std::map<std::string, std::string>> ExistingOutcomes(
      const std::vector<std::string>& keys) override;
  absl::StatusOr<Outcome> ReadOutcome(const std::string& key) override;
  absl::StatusOr<std::vector<std::string>> ReferencedBlobs(BlobCursor& cursor) override;

  // What tells this store from all others; stays when it is opened again.
  const std::string& identity() const { return identity_; }

  Leadership& leadership() { return *leadership_; }

 private:
  // Runs `work` in a transaction that only a leader may begin.
  absl::Status TransactAsLeader(absl::FunctionRef<absl::Status(Database&)> work)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mutex_);
  absl::Status Write(Database& writer, const ChangeSet& changes) const;

  Clock* const clock_;
  const std::unique_ptr<FileLock> lock_;
  const std::unique_ptr<Leadership> leadership_;
  const std::string identity_;
  absl::Mutex writer_mutex_;
  const std::unique_ptr<Database> writer_ ABSL_PT_GUARDED_BY(writer_mutex_);
  absl::Mutex reader_mutex_;
  const std::unique_ptr<Database> reader_ ABSL_PT_GUARDED_BY(reader_mutex_);
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_STORE_SQL_STORE_H_
