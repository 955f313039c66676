#ifndef PROBESWEEP_SERVER_SERVICE_COORDINATOR_H_
#define PROBESWEEP_SERVER_SERVICE_COORDINATOR_H_

#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/steady_cond_var.h"
#include "server/service/core.h"

namespace probesweep::server {

struct CoordinatorOptions {
  // Requests that wait for the coordinator's thread; more are refused. A request costs some kilobytes, and
  // the thread serves thousands a second: who waits behind so many has given up.
  size_t max_queue = 10'000;
  // The thread looks around at least so often: workers that fell silent show up in gauges and watches.
  absl::Duration max_sleep = absl::Seconds(5);
  // When it looked around so much later than it meant to, the process stood still (paused, swapped out, a
  // disk that hung): workers that called meanwhile are not to lose their leases for it.
  absl::Duration standstill = absl::Seconds(5);
};

// Gives a CoordinatorCore its one thread. Requests that arrive while a step is being stored wait and are
// stored together by the next one (group commit). Thread-safe.
class Coordinator {
 public:
  using Request = absl::AnyInvocable<void(CoordinatorCore&)>;

  // Reads the store, then serves. Errors: those of CoordinatorCore::Start.
  static absl::StatusOr<std::unique_ptr<Coordinator>> Start(const CoordinatorOptions& options,
                                                            std::unique_ptr<CoordinatorCore> core,
                                                            Clock* clock);
  // Shuts down.
  ~Coordinator();
  Coordinator(const Coordinator&) = delete;
  Coordinator& operator=(const Coordinator&) = delete;

  // Runs `request` on the coordinator's thread, in the order of the calls; it must return at once. A request
  // accepted is run, also when a shutdown follows. Errors: UNAVAILABLE (too many requests wait, or the
  // coordinator is stopping); `request` is dropped then.
  absl::Status Post(Request request);
  // The same for what ends earlier requests, so frees the coordinator: never refused for want of room.
  absl::Status PostCleanup(Request request);

  // Requests that wait.
  size_t queue_depth() const;

  // Stores and answers what was accepted, answers what is parked with UNAVAILABLE, ends the thread. Takes as
  // long as the store takes to commit once. May be repeated.
  void Shutdown();

 private:
  Coordinator(const CoordinatorOptions& options, std::unique_ptr<CoordinatorCore> core, Clock* clock);

  absl::Status Enqueue(Request request, size_t max_queue);
  void Run();
  // Waits for requests, the core's next wake or a shutdown. Returns whether to go on.
  bool AwaitWork(std::vector<Request>& batch);
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || !queue_.empty(); }

  const CoordinatorOptions options_;
  Clock* const clock_;
  const std::unique_ptr<CoordinatorCore> core_;  // used by thread_ alone once it runs
  mutable absl::Mutex mutex_;
  SteadyCondVar changed_;
  std::vector<Request> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Mutex join_mutex_;
  std::thread thread_ ABSL_GUARDED_BY(join_mutex_);
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_SERVICE_COORDINATOR_H_
