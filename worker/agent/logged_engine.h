#ifndef PROBESWEEP_WORKER_AGENT_LOGGED_ENGINE_H_
#define PROBESWEEP_WORKER_AGENT_LOGGED_ENGINE_H_

#include <string>

#include "absl/status/statusor.h"
#include "worker/engine/pass.h"

namespace probesweep::worker {

// Logs a line for each pass that came to its end, what it took beside what was expected. Not thread-safe; the
// engine outlives it.
class LoggedEngine : public Engine {
 public:
  explicit LoggedEngine(Engine* engine) : engine_(engine) {}

  absl::StatusOr<PassStatistics> RunPass(const PassRequest& request, PassObserver& observer) override;
  std::string device() const override { return engine_->device(); }

 private:
  Engine* const engine_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_AGENT_LOGGED_ENGINE_H_
