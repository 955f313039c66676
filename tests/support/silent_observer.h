// A coordinator's observer that does not listen.
#ifndef PROBESWEEP_TESTS_SUPPORT_SILENT_OBSERVER_H_
#define PROBESWEEP_TESTS_SUPPORT_SILENT_OBSERVER_H_

#include "server/service/observer.h"

namespace probesweep::testing {

class SilentObserver : public server::CoordinatorObserver {
 public:
  void OnGrant(int) override {}
  void OnLeaseLost() override {}
  void OnStaleCommit() override {}
  void OnTaskFailed(server::FailureKind) override {}
  void OnReused(int) override {}
  void OnDigestConflict() override {}
  void OnNondeterminism() override {}
  void OnPass(const server::PassStatistics&) override {}
  void OnGauges(const server::CoordinatorGauges&) override {}
};

}  // namespace probesweep::testing

#endif  // PROBESWEEP_TESTS_SUPPORT_SILENT_OBSERVER_H_
