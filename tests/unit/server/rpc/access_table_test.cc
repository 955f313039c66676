// The access table against what the server really serves.
#include "server/auth/access_table.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/rpc/rpc_observer.h"
#include "tests/support/status_matchers.h"

namespace probesweep::server {
namespace {

TEST(AccessTableTest, HasEveryMethodOfBothServicesAndWhatGrpcAdds) {
  std::set<std::string> served = {"/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch",
                                  "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"};
  for (const std::string& method : RpcMethods()) served.insert(absl::StrCat("/probesweep.v1.", method));
  std::set<std::string> listed;
  for (const AccessRule& rule : AccessTable()) {
    EXPECT_TRUE(listed.insert(rule.method).second) << rule.method << " is listed twice";
  }
  EXPECT_EQ(listed, served);
}

TEST(AccessTableTest, EveryMethodIsOpenToAdminsAndNoneToNobody) {
  for (const AccessRule& rule : AccessTable()) {
    EXPECT_TRUE(rule.roles.Has(Role::kAdmin)) << rule.method;
    EXPECT_EQ(FindRule(rule.method), &rule);
  }
  EXPECT_EQ(FindRule("/probesweep.v1.SweepService/None"), nullptr);
  EXPECT_EQ(FindRule(""), nullptr);
}

TEST(AccessTableTest, WorkersSeeNoResultsAndPeopleDoNoWorkersWork) {
  for (const AccessRule& rule : AccessTable()) {
    const absl::string_view method = rule.method;
    if (method.find("WorkerService") != absl::string_view::npos) {
      EXPECT_EQ(rule.roles, (RoleSet{Role::kWorker, Role::kAdmin})) << rule.method;
    } else if (method.find("SweepService") != absl::string_view::npos) {
      EXPECT_FALSE(rule.roles.Has(Role::kWorker)) << rule.method;
      EXPECT_TRUE(!rule.roles.Has(Role::kRead) || rule.roles.Has(Role::kSubmit)) << rule.method;
    }
  }
}

}  // namespace
}  // namespace probesweep::server
