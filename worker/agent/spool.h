#ifndef PROBESWEEP_WORKER_AGENT_SPOOL_H_
#define PROBESWEEP_WORKER_AGENT_SPOOL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "worker/agent/outcome.h"

namespace probesweep::worker {

// Outcomes on disk until the coordinator has answered for good, so that neither its absence nor this
// process's death loses what was computed. A folder of one process:
//
//   outcome-<number>           whole: written under another name, fsynced, renamed; the folder fsynced
//   outcome-<number>.tmp       being written; left by a process that died meanwhile, and removed by the next
//   outcome-<number>.damaged   not what was written; set aside for a person to look at, never sent
//
// Thread-safe.
class Spool {
 public:
  struct Options {
    std::string folder;  // made when it is not there
    // Bytes of all outcomes: of a 7B model thousands, or one with its representations.
    uint64_t limit_bytes = uint64_t{4} << 30;
  };
  struct Entry {
    std::string path;
    uint64_t bytes = 0;
    std::string fields = "";  // ends the log lines about it; empty until the file was read
  };

  // Takes the folder over. Errors: FAILED_PRECONDITION when another process has it, those of making it.
  static absl::StatusOr<std::unique_ptr<Spool>> Open(const Options& options);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  // What was there when it was opened, oldest first.
  const std::vector<Entry>& found() const { return found_; }
  const std::string& folder() const { return options_.folder; }

  // Whether `bytes` more stay within the limit.
  bool HasRoom(uint64_t bytes) const;
  // On disk for good when this returns; the limit is the caller's to keep. Errors: RESOURCE_EXHAUSTED (disk
  // full) and others of writing; then nothing is left of it.
  absl::StatusOr<Entry> Add(const Outcome& outcome);
  // Errors: those of ReadSpoolFile.
  absl::StatusOr<Outcome> Load(const Entry& entry) const;
  // The coordinator has answered. One that cannot be removed is logged, and sent again by the next process:
  // that changes nothing.
  void Remove(const Entry& entry);
  // Logged as an error; the file stays.
  void SetAside(const Entry& entry, const absl::Status& why);

 private:
  Spool(Options options, int lock) : options_(std::move(options)), lock_(lock) {}
  absl::Status Scan();
  void Removed(const Entry& entry);

  const Options options_;
  const int lock_;  // descriptor; the kernel drops the lock when the process dies, however it dies
  std::vector<Entry> found_;
  mutable absl::Mutex mutex_;
  uint64_t used_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t next_number_ ABSL_GUARDED_BY(mutex_) = 1;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_AGENT_SPOOL_H_
