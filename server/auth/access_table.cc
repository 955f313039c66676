#include "server/auth/access_table.h"

#include "absl/container/flat_hash_map.h"

namespace probesweep::server {
namespace {

constexpr RoleSet kAny = RoleSet::All();
constexpr RoleSet kReaders = {Role::kRead, Role::kSubmit, Role::kAdmin};
constexpr RoleSet kSubmitters = {Role::kSubmit, Role::kAdmin};
constexpr RoleSet kWorkers = {Role::kWorker, Role::kAdmin};
constexpr RoleSet kAdmins = {Role::kAdmin};

constexpr bool kClosed = false;
constexpr bool kOpen = true;
constexpr bool kAudited = true;

}  // namespace

const std::vector<AccessRule>& AccessTable() {
  static const auto& table = *new std::vector<AccessRule>{
      {"/probesweep.v1.SweepService/CreateSweep", kSubmitters, kClosed, kAudited},
      {"/probesweep.v1.SweepService/GetSweep", kReaders},
      {"/probesweep.v1.SweepService/ListSweeps", kReaders},
      {"/probesweep.v1.SweepService/ListTasks", kReaders},
      {"/probesweep.v1.SweepService/CancelSweep", kSubmitters, kClosed, kAudited},
      {"/probesweep.v1.SweepService/RetrySweep", kSubmitters, kClosed, kAudited},
      {"/probesweep.v1.SweepService/DeleteSweep", kAdmins, kClosed, kAudited},
      {"/probesweep.v1.SweepService/WatchSweep", kReaders},
      {"/probesweep.v1.SweepService/QueryResults", kReaders},
      {"/probesweep.v1.SweepService/ListArtifacts", kReaders},
      {"/probesweep.v1.SweepService/FetchArtifact", kReaders},
      {"/probesweep.v1.SweepService/PutBlob", kSubmitters, kClosed, kAudited},
      {"/probesweep.v1.SweepService/ListWorkers", kReaders},
      {"/probesweep.v1.SweepService/DrainWorker", kAdmins, kClosed, kAudited},
      {"/probesweep.v1.WorkerService/RegisterWorker", kWorkers, kClosed, kAudited},
      // Not audited one by one: a thousand workers make hundreds a second. Results carry the worker's name.
      {"/probesweep.v1.WorkerService/LeaseTasks", kWorkers},
      {"/probesweep.v1.WorkerService/Heartbeat", kWorkers},
      {"/probesweep.v1.WorkerService/CommitTask", kWorkers},
      {"/probesweep.v1.WorkerService/FailTask", kWorkers},
      {"/probesweep.v1.WorkerService/ReleaseLease", kWorkers},
      {"/probesweep.v1.WorkerService/FetchBlob", kWorkers},
      {"/probesweep.v1.WorkerService/PutArtifact", kWorkers},
      // Load balancers ask without a login; the answer says no more than that the server is up.
      {"/grpc.health.v1.Health/Check", kAny, kOpen},
      // A stream without end: not for whoever comes along.
      {"/grpc.health.v1.Health/Watch", kAny},
      {"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", kAny},
  };
  return table;
}

const AccessRule* FindRule(absl::string_view method) {
  static const auto& rules = *[] {
    auto* map = new absl::flat_hash_map<absl::string_view, const AccessRule*>;
    for (const AccessRule& rule : AccessTable()) map->emplace(rule.method, &rule);
    return map;
  }();
  const auto found = rules.find(method);
  return found == rules.end() ? nullptr : found->second;
}

}  // namespace probesweep::server
