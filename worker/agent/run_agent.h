#ifndef PROBESWEEP_WORKER_AGENT_RUN_AGENT_H_
#define PROBESWEEP_WORKER_AGENT_RUN_AGENT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rpc/channel_security.h"
#include "worker/agent/spool.h"
#include "worker/engine/pass.h"

namespace probesweep::worker {

struct RunAgentOptions {
  std::string coordinator = "127.0.0.1:7077";  // host:port[,host:port]: one of them leads
  ChannelSecurity security;                    // how this worker shows itself to them
  std::string worker_id;                       // empty: host, device and the first free slot
  std::string lock_folder;                     // where slots are claimed; empty: DefaultLockFolder()
  std::string spool_folder;                    // of this worker alone; empty: DefaultSpoolFolder()
  uint64_t spool_limit_bytes = Spool::Options().limit_bytes;
  absl::Duration drain_timeout = absl::Seconds(60);  // after SIGTERM the pass in hand may finish for so long
  absl::Duration startup_patience = absl::Seconds(60);
  EngineOptions engine;
};

// The agent as a process: composes engine, client and agent, and turns SIGTERM and SIGINT into a drain (a
// second signal, or the drain timeout, gives the pass in hand back unfinished). Returns Agent::Run's status.
// Call before any other thread is started: it blocks the two signals for all threads to come.
absl::Status RunAgentUntilSignalled(const RunAgentOptions& options);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_AGENT_RUN_AGENT_H_
