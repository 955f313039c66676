// What every Store does (server/store/store.h), whichever it is. To add a store, add its factory to
// store_factories.cc.
#ifndef PROBESWEEP_TESTS_CONTRACT_STORE_STORE_CONTRACT_H_
#define PROBESWEEP_TESTS_CONTRACT_STORE_STORE_CONTRACT_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/store/store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/sample_sweeps.h"

namespace probesweep::server {

// One place that keeps a store's contents while the store is closed and opened again.
class StorePlace {
 public:
  virtual ~StorePlace() = default;
  // Called again only after the store it gave was destroyed.
  virtual absl::StatusOr<std::unique_ptr<Store>> Open(Clock* clock) = 0;
};

struct StoreFactory {
  std::string name;
  std::function<std::unique_ptr<StorePlace>()> make_place;  // fresh and empty
};

const std::vector<StoreFactory>& StoreFactories();

class StoreContract : public ::testing::TestWithParam<StoreFactory> {
 protected:
  StoreContract() : place_(GetParam().make_place()) { Reopen(); }

  void Reopen() {
    store_.reset();
    absl::StatusOr<std::unique_ptr<Store>> opened = place_->Open(&clock_);
    if (!opened.ok()) {
      ADD_FAILURE() << opened.status();
      return;
    }
    store_ = *std::move(opened);
  }

  // A sweep of `checkpoints` × {truth, privacy} under the id.
  static Sweep MakeSweep(const std::string& id, int64_t sequence, int checkpoints = 1) {
    Sweep sweep;
    sweep.id = id;
    sweep.sequence = sequence;
    sweep.request_id = "request-" + id;
    sweep.spec_digest = "digest-" + id;
    sweep.spec = testing::SampleSpec();
    sweep.checkpoints = testing::SamplePlan(checkpoints).checkpoints;
    sweep.create_time = absl::FromUnixMicros(1'700'000'000'123'456);
    return sweep;
  }

  static Task MakeTask(const std::string& sweep, int checkpoint, int dimension, const std::string& key) {
    Task task;
    task.id = sweep + "-" + std::to_string(checkpoint) + "-" + std::to_string(dimension);
    task.sweep_id = sweep;
    task.checkpoint = checkpoint;
    task.dimension = dimension;
    task.reuse_key = key;
    return task;
  }

  testing::ManualClock clock_;
  std::unique_ptr<StorePlace> place_;
  std::unique_ptr<Store> store_;
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_TESTS_CONTRACT_STORE_STORE_CONTRACT_H_
