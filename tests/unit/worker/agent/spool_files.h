// Outcomes and spool folders for the agent's tests.
#ifndef PROBESWEEP_TESTS_UNIT_WORKER_AGENT_SPOOL_FILES_H_
#define PROBESWEEP_TESTS_UNIT_WORKER_AGENT_SPOOL_FILES_H_

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/unit/worker/agent/fake_coordinator.h"
#include "worker/agent/outcome.h"

namespace probesweep::worker {

// The names in a spool's folder, sorted, without the lock's.
inline std::vector<std::string> SpoolFiles(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().filename() != "lock") names.push_back(file.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

inline v1::WorkerIdentity Worker(const std::string& incarnation = "inc-former") {
  v1::WorkerIdentity worker;
  worker.set_worker_id("w");
  worker.set_incarnation(incarnation);
  return worker;
}

// One layer and two artifacts of some hundred bytes.
inline DimensionResult ResultWithArtifacts() {
  DimensionResult result;
  result.layers.push_back({0, "released", {{"accuracy", 0.75}}});
  result.checkpoint_digest = "digest of the weights";
  result.artifacts = {{"probes", std::string(300, 'p')}, {"steering_vectors", std::string(200, 's')}};
  return result;
}

// While it lives no file grows beyond so many bytes, as on a full disk. With `kill` the process dies of it,
// torn file and all.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes, bool kill = false) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    before_handler_ = std::signal(SIGXFSZ, kill ? SIG_DFL : SIG_IGN);
    const rlimit no_core{0, 0}, limit{bytes, before_.rlim_max};
    if (kill) ::setrlimit(RLIMIT_CORE, &no_core);
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, before_handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*before_handler_)(int);
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_TESTS_UNIT_WORKER_AGENT_SPOOL_FILES_H_
