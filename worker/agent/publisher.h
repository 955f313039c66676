#ifndef PROBESWEEP_WORKER_AGENT_PUBLISHER_H_
#define PROBESWEEP_WORKER_AGENT_PUBLISHER_H_

#include <deque>
#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "worker/agent/outcome.h"
#include "worker/agent/outcome_sender.h"
#include "worker/agent/spool.h"
#include "worker/engine/pass.h"

namespace probesweep::worker {

// Takes a pass's outcomes from the pass and gives them to the coordinator on a thread of its own, in order,
// so that a pass goes on while the coordinator is away:
//
//   pass ─Publish─▶ spool (fsync) ─queue of paths─▶ thread ─▶ coordinator answers ─▶ removed from the spool
//
// Past the spool's limit the pass waits. An outcome that the spool cannot take, its disk full, stays in
// memory, and the pass waits until it is answered. Publish and Flush are for the pass's thread alone.
class Publisher {
 public:
  // `spool` may be null: all outcomes then stay in memory, one at a time.
  Publisher(v1::WorkerIdentity worker, OutcomeSender sender, Spool* spool);
  // Stop the lease keeper first: then what waits for the coordinator stops waiting.
  ~Publisher();

  // OK: on disk, or answered. CANCELLED: the worker stops, and the outcome is lost with it.
  absl::Status Publish(const v1::Grant& grant, const v1::GrantedTask& task, const DimensionResult& result);
  absl::Status PublishFailure(const v1::Grant& grant, const v1::GrantedTask& task,
                              const absl::Status& failure);

  // Waits until everything is answered. CANCELLED: the worker stops, and Waiting() outcomes are in the spool.
  absl::Status Flush();
  int Waiting() const;  // outcomes in the spool that the coordinator has not answered

 private:
  // How log lines name an outcome, and what they end with.
  struct Label {
    std::string what;
    std::string fields;
  };
  struct Item {
    Label label;
    std::optional<Spool::Entry> entry;  // in the spool; else in memory:
    const Outcome* outcome = nullptr;
  };

  Label LabelOf(const char* kind, const v1::Grant& grant, const v1::GrantedTask& task) const;
  static void Tell(const Label& label, const OutcomeSender::Result& result);
  absl::Status TakeOver(const Outcome& outcome, const Label& label);
  // Waits while the limit is reached. Errors: CANCELLED.
  absl::Status AwaitRoom(uint64_t bytes, const std::string& fields);
  absl::StatusOr<Spool::Entry> AddToSpool(const Outcome& outcome);
  // Sends an outcome that only this process has.
  absl::Status SendFromMemory(const Outcome& outcome, const Label& label);
  void Enqueue(Item item);
  std::deque<Item>::iterator InQueue(const Outcome& outcome) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Run();

  const v1::WorkerIdentity worker_;
  OutcomeSender sender_;
  Spool* const spool_;
  mutable absl::Mutex mutex_;
  absl::CondVar changed_;
  std::deque<Item> queue_ ABSL_GUARDED_BY(mutex_);  // the first one is being sent
  bool halted_ ABSL_GUARDED_BY(mutex_) = false;     // nothing is sent any more
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_AGENT_PUBLISHER_H_
