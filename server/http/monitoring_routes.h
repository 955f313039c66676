// The routes that monitoring systems ask: /metrics, /healthz, /readyz.
#ifndef PROBESWEEP_SERVER_HTTP_MONITORING_ROUTES_H_
#define PROBESWEEP_SERVER_HTTP_MONITORING_ROUTES_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "server/http/route_table.h"

namespace prometheus {
class Collectable;
}  // namespace prometheus

namespace probesweep::server {

// Calls back once, from any thread: OK, or why the process cannot serve. Must return at once.
using ReadinessCheck = std::function<void(absl::AnyInvocable<void(absl::Status)>)>;

// `metrics` in Prometheus' text format.
Route MetricsRoute(std::shared_ptr<prometheus::Collectable> metrics);

// 200 as long as the process answers at all.
Route HealthRoute();

// 200, or 503 with the reason.
Route ReadinessRoute(ReadinessCheck check);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_HTTP_MONITORING_ROUTES_H_
