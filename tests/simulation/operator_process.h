// The person with the client: submits sweeps, looks after them, retries what failed.
#ifndef PROBESWEEP_TESTS_SIMULATION_OPERATOR_PROCESS_H_
#define PROBESWEEP_TESTS_SIMULATION_OPERATOR_PROCESS_H_

#include <string>
#include <vector>

#include "server/service/commands.h"
#include "tests/simulation/network.h"
#include "tests/simulation/process.h"

namespace probesweep::simulation {

class OperatorProcess : public Process {
 public:
  // Submits `sweeps` sweeps, some twice, some overlapping one another; cancels one in some worlds.
  OperatorProcess(Timeline* timeline, SimRandom* random, Network* network, int sweeps);
  // Whether every sweep succeeded, or was cancelled on request.
  bool finished() const;

 protected:
  void OnStart() override;

 private:
  struct Job {
    std::string request_id;
    server::SweepSpec spec;
    server::Plan plan;
    std::string sweep_id;  // once it is known
    bool cancel = false, ended = false;
  };
  void Submit(size_t job);
  void Look(size_t job);
  void OnView(size_t job, const absl::StatusOr<server::SweepView>& view);
  using Request = void (server::CoordinatorCore::*)(const std::string&, server::Reply<server::SweepView>);
  void Ask(size_t job, Request request);

  SimRandom* const random_;
  Network* const network_;
  std::vector<Job> jobs_;
};

}  // namespace probesweep::simulation

#endif  // PROBESWEEP_TESTS_SIMULATION_OPERATOR_PROCESS_H_
