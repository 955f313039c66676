#ifndef PROBESWEEP_SERVER_STORE_SQL_STORE_H_
#define PROBESWEEP_SERVER_STORE_SQL_STORE_H_

#include <map>
#include <memory>
#include <set>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/clock.h"
#include "server/store/database.h"
#include "server/store/store.h"

namespace probesweep::server {

// The store over two connections to one relational database: one for the coordinator's own thread (Load,
// Commit, CheckWritable, ExistingOutcomes), one for readers, so that a long export never holds up a commit.
// The databases are owned.
class SqlStore : public Store {
 public:
  // Brings the schema up to date first.
  static absl::StatusOr<std::unique_ptr<SqlStore>> Open(std::unique_ptr<Database> writer,
                                                        std::unique_ptr<Database> reader, Clock* clock);

  absl::StatusOr<StoredState> Load() override;
  absl::Status Commit(const ChangeSet& changes) override;
  absl::Status CheckWritable() override;
  absl::StatusOr<std::map<std::string, std::string>> ExistingOutcomes(
      const std::vector<std::string>& keys) override;
  absl::StatusOr<Outcome> ReadOutcome(const std::string& key) override;

 private:
  SqlStore(std::unique_ptr<Database> writer, std::unique_ptr<Database> reader, Clock* clock)
      : clock_(clock), writer_(std::move(writer)), reader_(std::move(reader)) {}

  absl::Status Write(const ChangeSet& changes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mutex_);
  absl::Status WriteOutcome(const std::string& key, const Outcome& outcome)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mutex_);
  // Adds the reuse keys of its tasks to `keys`.
  absl::Status DeleteSweep(const std::string& id, std::set<std::string>& keys)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mutex_);

  Clock* const clock_;
  absl::Mutex writer_mutex_;
  const std::unique_ptr<Database> writer_ ABSL_PT_GUARDED_BY(writer_mutex_);
  absl::Mutex reader_mutex_;
  const std::unique_ptr<Database> reader_ ABSL_PT_GUARDED_BY(reader_mutex_);
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_STORE_SQL_STORE_H_
