#ifndef PROBESWEEP_BENCH_SCALE_SIMULATED_WORKER_H_
#define PROBESWEEP_BENCH_SCALE_SIMULATED_WORKER_H_

#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "bench/scale/event_loop.h"
#include "bench/scale/fleet_figures.h"
#include "bench/scale/worker_calls.h"

namespace probesweep::bench {

// What all workers of a fleet share; touched on the loop's thread alone.
struct Fleet {
  EventLoop loop;
  FleetFigures figures;
  std::mt19937_64 random{1};
  int workers = 0;
  // Commits a second that all of them aim at; 0: as many as they can.
  double rate = 0;
  // One of them is drawn for each commit: results in serialised form, and of how many rows.
  struct Results {
    grpc::Slice serialized;
    int rows = 0;
  };
  std::vector<Results> results;

  double NextUnit() { return std::uniform_real_distribution<>()(random); }
};

// Does what the worker's agent does with the coordinator, and computes nothing: registers, polls for work,
// commits each task of the grant after its share of the pass's time, releases the lease, and sends heartbeats
// all the while.
class SimulatedWorker {
 public:
  // The fleet outlives it.
  SimulatedWorker(std::string id, std::shared_ptr<grpc::Channel> channel, Fleet* fleet);

  // To be called once, on the loop's thread: it goes on for as long as the loop runs.
  void Begin();
  // Counts the lease in hand as marked; whether the coordinator still knows it, the next answers tell. Call
  // it while no coordinator runs: what is asked from then on, the next one answers.
  void Mark();

 private:
  struct Pass {
    v1::Grant grant;
    std::string configuration;  // of the grant's analysis
    int committed = 0;          // tasks, in their order
    bool committing = false;
    absl::Time started;
    absl::Duration duration;
    bool marked = false;
  };

  void Register();
  void Poll();
  void Beat();
  void BeatAfter(absl::Duration interval);
  void Absorb(const Answer<v1::HeartbeatResponse>& answer);
  void BeginPass(v1::Grant grant);
  void ScheduleCommit();
  void Commit();
  v1::CommitTaskRequest NextCommit() const;
  void EndCommit(const Answer<grpc::ByteBuffer>& answer, int rows);
  void Release();
  // The coordinator gave its tasks to others.
  void AbandonPass();
  // An answer to what was asked at `sent` tells whether the pass's lease is known.
  void Decide(absl::Time sent, bool kept);
  // Asks again in a while what could not be answered.
  void Retry(const grpc::Status& status, void (SimulatedWorker::*ask)());

  const std::string id_;
  Fleet* const fleet_;
  WorkerCalls calls_;
  v1::WorkerIdentity identity_;
  absl::Duration heartbeat_interval_;
  std::optional<Pass> pass_;
  absl::Time marked_at_;
};

}  // namespace probesweep::bench

#endif  // PROBESWEEP_BENCH_SCALE_SIMULATED_WORKER_H_
