#ifndef PROBESWEEP_WORKER_AGENT_WORKER_ID_H_
#define PROBESWEEP_WORKER_AGENT_WORKER_ID_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace probesweep::worker {

// A worker's name that is the same after a restart and differs between workers of one host:
// "<host>-<device>-<slot>", where the slot is the first whose lock file in `lock_folder` is free. The lock is
// held for the object's life; the kernel drops it when the process dies, however it dies.
class WorkerSlot {
 public:
  // Errors: those of making the folder and the lock files; RESOURCE_EXHAUSTED when 1,000 slots are taken.
  static absl::StatusOr<std::unique_ptr<WorkerSlot>> Claim(const std::string& lock_folder,
                                                           const std::string& host,
                                                           const std::string& device);
  ~WorkerSlot();
  WorkerSlot(const WorkerSlot&) = delete;
  WorkerSlot& operator=(const WorkerSlot&) = delete;

  const std::string& worker_id() const { return worker_id_; }

 private:
  WorkerSlot(std::string worker_id, int fd) : worker_id_(std::move(worker_id)), fd_(fd) {}
  const std::string worker_id_;
  const int fd_;
};

// The machine's name.
std::string HostName();

// $XDG_RUNTIME_DIR/probesweep, else <tmp>/probesweep-<uid>.
std::string DefaultLockFolder();

// $XDG_STATE_HOME/probesweep/spool/<id>, else ~/.local/state/…, else below DefaultLockFolder(). Whatever the
// id is, the last part is one folder's name.
std::string DefaultSpoolFolder(const std::string& worker_id);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_AGENT_WORKER_ID_H_
