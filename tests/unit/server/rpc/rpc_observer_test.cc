#include "server/rpc/rpc_observer.h"

#include <gmock/gmock.h>

namespace probesweep::server {
namespace {

TEST(RpcObserverTest, EveryMethodOfBothServicesIsListed) {
  EXPECT_THAT(RpcMethods(),
              ::testing::IsSupersetOf({"SweepService/CreateSweep", "SweepService/WatchSweep",
                                       "WorkerService/LeaseTasks", "WorkerService/PutArtifact"}));
  EXPECT_EQ(RpcMethods().size(), 22);
}

}  // namespace
}  // namespace probesweep::server
