// An agent over an engine and a coordinator that do what a test tells them to.
#ifndef PROBESWEEP_TESTS_UNIT_WORKER_AGENT_AGENT_FIXTURE_H_
#define PROBESWEEP_TESTS_UNIT_WORKER_AGENT_AGENT_FIXTURE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/test_data.h"
#include "tests/unit/worker/agent/spool_files.h"
#include "worker/agent/agent.h"

namespace probesweep::worker {

// An engine that reports what a test tells it to.
class FakeEngine : public Engine {
 public:
  absl::StatusOr<PassStatistics> RunPass(const PassRequest& request, PassObserver& observer) override {
    requests.push_back(request);
    observer.OnProgress(1, 2);
    if (during) during(observer);
    cancelled = observer.Cancelled();
    for (size_t i = 0; i < outcomes.size(); ++i) observer.OnDimension(static_cast<int>(i), outcomes[i]);
    if (after) after();
    if (!pass_error.ok()) return pass_error;
    PassStatistics statistics;
    statistics.tokens = 42;
    return statistics;
  }
  std::string device() const override { return "cpu"; }

  std::vector<PassRequest> requests;
  std::vector<absl::StatusOr<DimensionResult>> outcomes;
  absl::Status pass_error;
  std::function<void(PassObserver&)> during;  // within the pass
  std::function<void()> after;                // within the pass, once everything is reported
  bool cancelled = false;
};

inline DimensionResult OneLayer() {
  DimensionResult result;
  result.layers.push_back({0, "released", {{"accuracy", 0.5}}});
  result.checkpoint_digest = "digest of the weights";
  result.provenance = {
      "digest of the tokenizer", "digest of the dataset", "probe_c=1", "2", "cuda:1", "bf16"};
  return result;
}

class AgentTest : public ::testing::Test {
 protected:
  AgentTest() {
    coordinator_.blobs = {{"digest-truth", "csv 1"}, {"digest-privacy", "csv 2"}};
    StartAnew();
  }

  // As a new process does.
  void StartAnew() {
    agent_.reset();
    spool_.reset();
    spool_ = *Spool::Open({folder_.path()});
    Agent::Options options;
    options.worker_id = "w";
    options.spool = spool_.get();
    agent_ = std::make_unique<Agent>(options, &coordinator_, &engine_, &clock_, &random_);
  }

  void Offer(const v1::Grant& grant) {
    v1::LeaseTasksResponse response;
    *response.mutable_grant() = grant;
    coordinator_.leases.push_back(response);
  }

  // Where the first call of a kind stands among those sent.
  std::ptrdiff_t FirstOf(const std::string& kind) {
    const auto& calls = coordinator_.calls;
    return std::find(calls.begin(), calls.end(), kind) - calls.begin();
  }

  testing::TempDir folder_;
  ManualClock clock_;
  CountingRandom random_;
  FakeCoordinator coordinator_;
  FakeEngine engine_;
  std::unique_ptr<Spool> spool_;
  std::unique_ptr<Agent> agent_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_TESTS_UNIT_WORKER_AGENT_AGENT_FIXTURE_H_
